module.exports = async function (context, myTimer) {
    if (myTimer.isPastDue) {
        context.log('JavaScript is running late!');
    }
    context.log('JavaScript timer trigger function ran!', new Date().toISOString());
};
