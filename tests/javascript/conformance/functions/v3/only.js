// The only export is the function, whatever its name.
exports.anything = async (context) => {
    context.res = { body: 'the only one' };
};
