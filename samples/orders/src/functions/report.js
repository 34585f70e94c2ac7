const { app, output } = require('@azure/functions');

const reports = output.storageQueue({ queueName: 'reports', connection: 'AzureWebJobsStorage' });

// Reports every half minute that the shop is open, and when it will do so next.
app.timer('report', {
    schedule: '*/30 * * * * *',
    return: reports,
    handler: (timer, context) => {
        const late = timer.isPastDue ? ', late' : '';
        context.log(`The shop is open${late}`);
        return { at: new Date().toISOString(), late: timer.isPastDue, next: timer.scheduleStatus?.next ?? null };
    },
});
