import * as df from 'durable-functions';
import { OrchestrationContext, OrchestrationHandler } from 'durable-functions';

// Calls the activity 'SayHello', which the template 'Durable Functions activity' makes.
const handler: OrchestrationHandler = function* (context: OrchestrationContext) {
    const outputs: string[] = [];
    outputs.push(yield context.df.callActivity('SayHello', 'Tokyo'));
    outputs.push(yield context.df.callActivity('SayHello', 'Seattle'));
    outputs.push(yield context.df.callActivity('SayHello', 'Cairo'));

    return outputs;
};

df.app.orchestration('{{name}}', handler);
