// What there is to buy, in cents.
module.exports = { lamp: 4900, chair: 12900, table: 39900 };
