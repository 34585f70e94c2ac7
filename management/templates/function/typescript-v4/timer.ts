import { app, InvocationContext, Timer } from '@azure/functions';

export async function handler(myTimer: Timer, context: InvocationContext): Promise<void> {
    context.log('Timer function processed request.');
}

app.timer('{{name}}', {
    schedule: '0 */5 * * * *',
    handler,
});
