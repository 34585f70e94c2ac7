// Calls the URL of `?to=` with axios.
const axios = require('axios');

module.exports = async function (context, req) {
    const { data, status } = await axios.post(req.query.to, { a: [1] }, { headers: { 'x-given': 'yes' } });
    return { headers: { 'content-type': 'application/json' }, body: { status, data } };
};
