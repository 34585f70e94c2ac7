// A function that is a method: `this` is what the script exports.
class Service {
    constructor() {
        this.calls = 0;
    }

    async method(context) {
        this.calls++;
        context.res = { body: this instanceof Service && this.calls > 0 ? 'with this' : 'without' };
    }
}

module.exports = new Service();
