// The value of a `durableClient` binding (durable reference, section 2.9) for a server at this base URL.
module.exports = function binding(server) {
    const base = `${server}/durabletask/`;
    const instance = `${base}instances/INSTANCEID`;
    return {
        taskHubName: 'TestHubName',
        creationUrls: {
            createNewInstancePostUri: `${base}orchestrators/{functionName}[/{instanceId}]?code=k`,
            createAndWaitOnNewInstancePostUri: `${base}orchestrators/{functionName}?timeout={timeoutInSeconds}`,
        },
        managementUrls: {
            id: 'INSTANCEID',
            statusQueryGetUri: `${instance}?code=k`,
            sendEventPostUri: `${instance}/raiseEvent/{eventName}?code=k`,
            terminatePostUri: `${instance}/terminate?reason={text}`,
            rewindPostUri: `${instance}/rewind?reason={text}`,
            purgeHistoryDeleteUri: `${instance}?code=k`,
            restartPostUri: `${instance}/restart`,
            suspendPostUri: `${instance}/suspend?reason={text}`,
            resumePostUri: `${instance}/resume?reason={text}`,
        },
        baseUrl: base,
        requiredQueryStringParameters: 'code=k',
        rpcBaseUrl: base,
    };
};
