import * as df from 'durable-functions';
import { EntityContext, EntityHandler } from 'durable-functions';

const handler: EntityHandler<number> = (context: EntityContext<number>) => {
    const value: number = context.df.getState(() => 0) ?? 0;
    switch (context.df.operationName) {
        case 'add':
            context.df.setState(value + (context.df.getInput<number>() ?? 0));
            break;
        case 'reset':
            context.df.setState(0);
            break;
        case 'get':
            context.df.return(value);
            break;
    }
};

df.app.entity('{{name}}', handler);
