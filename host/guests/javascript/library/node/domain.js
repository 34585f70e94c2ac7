// `domain`: the deprecated module, whose domains only run what they are given.

const EventEmitter = require('node/events');

class Domain extends EventEmitter {
    members = [];

    add() {}
    remove() {}
    enter() {}
    exit() {}
    dispose() {}

    run(work, ...values) {
        try {
            return work.apply(this, values);
        } catch (error) {
            if (this.listenerCount('error') === 0) throw error;
            this.emit('error', error);
            return undefined;
        }
    }

    bind(work) {
        const domain = this;
        return function (...values) { return domain.run(() => work.apply(this, values)); };
    }

    intercept(work) {
        return this.bind((error, ...values) => {
            if (error) this.emit('error', error);
            else work(...values);
        });
    }
}

module.exports = { Domain, active: null, create: () => new Domain(), createDomain: () => new Domain() };
