const { randomUUID } = require('crypto');

const { total } = require('../lib/prices');

module.exports = async function (context, req) {
    const { item, count } = req.body ?? {};
    const sum = total(item, count);
    if (sum === undefined) {
        context.log.warn(`No price for ${count} of ${item}`);
        return { status: 404, body: `There is no price for '${item}'.` };
    }
    const order = randomUUID();
    context.log(`Order ${order}: ${count} of ${item}`);
    return {
        status: 201,
        headers: { 'content-type': 'application/json', 'x-order': order },
        body: { item, count, total: sum },
    };
};
