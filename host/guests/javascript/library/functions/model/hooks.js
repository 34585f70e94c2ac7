// `app.hook`: hooks and what they are called with. A context only shows the data that the invocation goes on with.
'use strict';

const { Disposable } = require('functions/disposable');
const { readOnlyError } = require('functions/errors');
const registry = require('functions/registry');
const { InvocationContext } = require('functions/model/invocation-context');

class HookContext {
    #shown;

    constructor(shown) {
        this.#shown = shown ?? {};
        this.#shown.hookData ??= {};
    }

    get hookData() {
        return this.#shown.hookData;
    }

    set hookData(_value) {
        throw readOnlyError('hookData');
    }
}

class AppStartContext extends HookContext {}
class AppTerminateContext extends HookContext {}

class InvocationHookContext extends HookContext {
    #shown;

    constructor(shown) {
        const given = shown ?? {};
        super(given);
        this.#shown = given;
        given.inputs ??= [];
        given.invocationContext ??= new InvocationContext();
    }

    get invocationContext() {
        return this.#shown.invocationContext;
    }

    set invocationContext(_value) {
        throw readOnlyError('invocationContext');
    }

    get inputs() {
        return this.#shown.inputs;
    }

    set inputs(value) {
        this.#shown.inputs = value;
    }
}

class PreInvocationContext extends InvocationHookContext {
    #shown;

    constructor(shown) {
        const given = shown ?? {};
        super(given);
        this.#shown = given;
        given.functionCallback ??= () => {};
    }

    get functionHandler() {
        return this.#shown.functionCallback;
    }

    set functionHandler(value) {
        this.#shown.functionCallback = value;
    }
}

class PostInvocationContext extends InvocationHookContext {
    #shown;

    constructor(shown) {
        const given = shown ?? {};
        super(given);
        this.#shown = given;
    }

    get result() {
        return this.#shown.result;
    }

    set result(value) {
        this.#shown.result = value;
    }

    get error() {
        return this.#shown.error;
    }

    set error(value) {
        this.#shown.error = value;
    }
}

class LogHookContext extends HookContext {
    #shown;

    constructor(shown) {
        const given = shown ?? {};
        super(given);
        this.#shown = given;
        given.level ??= 'information';
        given.message ??= 'unknown';
        given.category ??= 'user';
    }

    get level() {
        return this.#shown.level;
    }

    set level(value) {
        this.#shown.level = value;
    }

    get message() {
        return this.#shown.message;
    }

    set message(value) {
        this.#shown.message = value;
    }

    get category() {
        return this.#shown.category;
    }

    set category(_value) {
        throw readOnlyError('category');
    }

    get invocationContext() {
        return this.#shown.invocationContext;
    }

    set invocationContext(_value) {
        throw readOnlyError('invocationContext');
    }
}

function hook(name, Shown) {
    return (handler) => new Disposable(registry.registerHook(name, (context) => handler(new Shown(context))));
}

module.exports = {
    HookContext,
    AppStartContext,
    AppTerminateContext,
    InvocationHookContext,
    PreInvocationContext,
    PostInvocationContext,
    LogHookContext,
    appStart: hook('appStart', AppStartContext),
    appTerminate: hook('appTerminate', AppTerminateContext),
    preInvocation: hook('preInvocation', PreInvocationContext),
    postInvocation: hook('postInvocation', PostInvocationContext),
    log: hook('log', LogHookContext),
};
