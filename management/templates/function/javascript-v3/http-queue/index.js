module.exports = async function (context, req) {
    context.log('JavaScript HTTP trigger function processed a request.');

    const name = req.query.name || (req.body && req.body.name) || 'world';
    context.bindings.message = `Name passed to the function: ${name}`;

    context.res = {
        status: 202,
        body: `A message about ${name} is in the queue.`,
    };
};
