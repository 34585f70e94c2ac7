import { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { ActivityHandler } from 'durable-functions';

const handler: ActivityHandler = (input: string, context: InvocationContext): string => {
    context.log(`Saying hello to ${input}`);

    return `Hello, ${input}!`;
};

df.app.activity('{{name}}', { handler });
