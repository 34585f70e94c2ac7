export enum Tone {
    Plain = 'plain',
    Warm = 'warm',
}

export interface Greeting {
    text: string;
    tone: Tone;
}

export function greet(name: string, tone: Tone = Tone.Plain): Greeting {
    const text = tone === Tone.Warm ? `So good to see you, ${name}!` : `Hello, ${name}!`;
    return { text, tone };
}
