// Of several exports `index` is the function.
exports.helper = () => {};
exports.index = async (context) => {
    context.res = { body: 'index' };
};
