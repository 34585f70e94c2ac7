import { app, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';

import { greet, Tone } from '../greeting';

export async function hello(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
    const name: string = request.params.name ?? request.query.get('name') ?? 'stranger';
    const tone = request.query.get('tone') === 'warm' ? Tone.Warm : Tone.Plain;
    context.log(`Greeting ${name}`);
    return { jsonBody: greet(name, tone) };
}

app.http('hello', {
    methods: ['GET'],
    authLevel: 'anonymous',
    route: 'hello/{name?}',
    handler: hello,
});
