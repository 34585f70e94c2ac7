// DOM Standard 2: Event, CustomEvent and EventTarget.
'use strict';

const { strictEqual: equal, deepStrictEqual: same, throws, ok } = require('assert');

const onNode = typeof process === 'object' && process.versions?.v8 !== undefined;

// Where Node 20 itself departs from the standard.
function testExceptNode(reason, name, run) {
    if (onNode) test(`${name} (skipped: ${reason})`, () => {});
    else test(name, run);
}

test('Event has its defaults', () => {
    const event = new Event('a');
    equal(event.type, 'a');
    same([event.bubbles, event.cancelable, event.composed, event.defaultPrevented], [false, false, false, false]);
    same([event.target, event.currentTarget, event.eventPhase, event.isTrusted], [null, null, 0, false]);
    same([event.cancelBubble, event.returnValue], [false, true]);
    ok(event.timeStamp >= 0);
});
test('Event takes options', () => {
    const event = new Event('a', { bubbles: 1, cancelable: true, composed: 'x' });
    same([event.bubbles, event.cancelable, event.composed], [true, true, true]);
});
test('Event needs a type', () => throws(() => new Event(), TypeError));
test('Event converts its type', () => equal(new Event(undefined).type, 'undefined'));
testExceptNode('Node 20 has no constants on the prototype', 'Event has the constants of phases', () => {
    same([Event.NONE, Event.CAPTURING_PHASE, Event.AT_TARGET, Event.BUBBLING_PHASE], [0, 1, 2, 3]);
    equal(new Event('a').AT_TARGET, 2);
});
test('CustomEvent has a detail', () => {
    const detail = {};
    equal(new CustomEvent('a', { detail }).detail, detail);
    equal(new CustomEvent('a').detail, null);
    ok(new CustomEvent('a') instanceof Event);
});
test('EventTarget calls listeners in order, with the target as this', () => {
    const target = new EventTarget();
    const seen = [];
    target.addEventListener('a', function (event) {
        seen.push([
            'first',
            this === target,
            event.target === target,
            event.currentTarget === target,
            event.eventPhase,
        ]);
    });
    target.addEventListener('a', () => seen.push('second'));
    target.addEventListener('b', () => seen.push('other'));
    equal(target.dispatchEvent(new Event('a')), true);
    same(seen, [['first', true, true, true, 2], 'second']);
});
test('EventTarget clears the event afterwards', () => {
    const target = new EventTarget();
    const event = new Event('a');
    let path;
    target.addEventListener('a', () => (path = event.composedPath()));
    target.dispatchEvent(event);
    same(path, [target]);
    same([event.target, event.currentTarget, event.eventPhase, event.composedPath().length], [target, null, 0, 0]);
});
test('EventTarget adds the same listener once', () => {
    const target = new EventTarget();
    let calls = 0;
    const listener = () => calls++;
    target.addEventListener('a', listener);
    target.addEventListener('a', listener);
    target.addEventListener('a', listener, true);
    target.dispatchEvent(new Event('a'));
    equal(calls, 2);
});
testExceptNode('Node 20 forgets capture when it removes', 'EventTarget removes listeners', () => {
    const target = new EventTarget();
    let calls = 0;
    const listener = () => calls++;
    target.addEventListener('a', listener);
    target.removeEventListener('a', listener, true);
    target.dispatchEvent(new Event('a'));
    target.removeEventListener('a', listener);
    target.dispatchEvent(new Event('a'));
    equal(calls, 1);
});
test('EventTarget does not call what was removed meanwhile', () => {
    const target = new EventTarget();
    const seen = [];
    const second = () => seen.push(2);
    target.addEventListener('a', () => {
        seen.push(1);
        target.removeEventListener('a', second);
    });
    target.addEventListener('a', second);
    target.dispatchEvent(new Event('a'));
    same(seen, [1]);
});
testExceptNode('Node 20 calls some', 'EventTarget does not call what was added meanwhile', () => {
    const target = new EventTarget();
    let calls = 0;
    target.addEventListener('a', () => target.addEventListener('a', () => calls++));
    target.dispatchEvent(new Event('a'));
    equal(calls, 0);
    target.dispatchEvent(new Event('a'));
    equal(calls, 1);
});
test('EventTarget once', () => {
    const target = new EventTarget();
    let calls = 0;
    target.addEventListener('a', () => calls++, { once: true });
    target.dispatchEvent(new Event('a'));
    target.dispatchEvent(new Event('a'));
    equal(calls, 1);
});
test('EventTarget once is removed before the call', () => {
    const target = new EventTarget();
    let calls = 0;
    const listener = () => {
        calls++;
        if (calls < 3) target.dispatchEvent(new Event('a'));
    };
    target.addEventListener('a', listener, { once: true });
    target.dispatchEvent(new Event('a'));
    equal(calls, 1);
});
test('EventTarget with a signal', () => {
    const target = new EventTarget();
    const controller = new AbortController();
    let calls = 0;
    target.addEventListener('a', () => calls++, { signal: controller.signal });
    target.dispatchEvent(new Event('a'));
    controller.abort();
    target.dispatchEvent(new Event('a'));
    target.addEventListener('a', () => calls++, { signal: controller.signal });
    target.dispatchEvent(new Event('a'));
    equal(calls, 1);
    throws(() => target.addEventListener('a', () => {}, { signal: null }), TypeError);
});
test('EventTarget calls handleEvent of objects', () => {
    const target = new EventTarget();
    const listener = {
        handleEvent(event) {
            this.seen = event.type;
        },
    };
    target.addEventListener('a', listener);
    target.dispatchEvent(new Event('a'));
    equal(listener.seen, 'a');
});
test('EventTarget ignores null and refuses other listeners', () => {
    const target = new EventTarget();
    target.addEventListener('a', null);
    target.removeEventListener('a', null);
    throws(() => target.addEventListener('a', 1), TypeError);
    throws(() => target.addEventListener('a'), TypeError);
});
test('preventDefault works on cancelable events', () => {
    const target = new EventTarget();
    target.addEventListener('a', (event) => event.preventDefault());
    equal(target.dispatchEvent(new Event('a', { cancelable: true })), false);
    equal(target.dispatchEvent(new Event('a')), true);
});
testExceptNode('Node 20 has no setter', 'returnValue = false prevents the default', () => {
    const event = new Event('a', { cancelable: true });
    event.returnValue = false;
    equal(event.defaultPrevented, true);
    event.returnValue = true;
    equal(event.defaultPrevented, true);
});
test('stopImmediatePropagation stops the other listeners', () => {
    const target = new EventTarget();
    const seen = [];
    target.addEventListener('a', (event) => {
        seen.push(1);
        event.stopImmediatePropagation();
    });
    target.addEventListener('a', () => seen.push(2));
    target.dispatchEvent(new Event('a'));
    same(seen, [1]);
});
test('stopPropagation does not stop the other listeners', () => {
    const target = new EventTarget();
    const seen = [];
    target.addEventListener('a', (event) => {
        seen.push(1);
        event.stopPropagation();
    });
    target.addEventListener('a', () => seen.push(2));
    target.dispatchEvent(new Event('a'));
    same(seen, [1, 2]);
});
test('dispatchEvent refuses an event in flight', () => {
    const target = new EventTarget();
    let error;
    target.addEventListener('a', (event) => {
        try {
            target.dispatchEvent(event);
        } catch (caught) {
            error = caught;
        }
    });
    target.dispatchEvent(new Event('a'));
    ok(error instanceof Error);
});
test('dispatchEvent takes the same event again', () => {
    const target = new EventTarget();
    let calls = 0;
    target.addEventListener('a', () => calls++);
    const event = new Event('a');
    target.dispatchEvent(event);
    target.dispatchEvent(event);
    equal(calls, 2);
});
test('dispatchEvent refuses what is no event', () => {
    throws(() => new EventTarget().dispatchEvent({ type: 'a' }), TypeError);
    throws(() => new EventTarget().dispatchEvent(null), TypeError);
    throws(() => new EventTarget().dispatchEvent(), TypeError);
});
test('EventTarget can be extended', () => {
    class Source extends EventTarget {
        emit(detail) {
            return this.dispatchEvent(new CustomEvent('data', { detail }));
        }
    }
    const source = new Source();
    let seen;
    source.addEventListener('data', ({ detail }) => (seen = detail));
    source.emit(7);
    equal(seen, 7);
});
