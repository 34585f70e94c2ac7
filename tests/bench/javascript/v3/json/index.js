module.exports = async function (context, req) {
    const order = req.body;
    let summary = '';
    for (const key of Object.keys(order)) {
        summary += `${key}=${order[key]};`;
    }
    context.res = { body: { summary, length: summary.length } };
};
