module.exports = async function (context, req) {
    const name = req.params.name || req.query.name || 'stranger';
    context.log(`Greeting ${name}`);

    context.res = { body: `Hello, ${name}!` };
};
