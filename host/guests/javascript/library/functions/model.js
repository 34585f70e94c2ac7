// Our own `@azure/functions` (v4 programming model) for packages that ship none. It gives the results of the npm
// package, without its way through the worker's protocol.
'use strict';

const hooks = require('functions/model/hooks');
const { Disposable } = require('functions/disposable');
const { HttpRequest } = require('functions/model/http-request');
const { HttpResponse } = require('functions/model/http-response');
const { InvocationContext } = require('functions/model/invocation-context');
const { input, output, trigger } = require('functions/model/bindings');

module.exports = {
    app: require('functions/model/app'),
    input,
    output,
    trigger,
    HttpRequest,
    HttpResponse,
    InvocationContext,
    Disposable,
    HookContext: hooks.HookContext,
    AppStartContext: hooks.AppStartContext,
    AppTerminateContext: hooks.AppTerminateContext,
    InvocationHookContext: hooks.InvocationHookContext,
    PreInvocationContext: hooks.PreInvocationContext,
    PostInvocationContext: hooks.PostInvocationContext,
    LogHookContext: hooks.LogHookContext,
    CosmosDBChangeFeedMode: changeFeedModes(),
    CosmosDBv4ChangeFeedMode: changeFeedModes(),
    SqlChangeOperation: numbered('Insert', 'Update', 'Delete'),
    MySqlChangeOperation: numbered('Update'),
};

function changeFeedModes() {
    return { LatestVersion: 'LatestVersion', AllVersionsAndDeletes: 'AllVersionsAndDeletes' };
}

// Names with their numbers, and back.
function numbered(...names) {
    const result = {};
    names.forEach((name, number) => {
        result[name] = number;
        result[number] = name;
    });
    return result;
}
