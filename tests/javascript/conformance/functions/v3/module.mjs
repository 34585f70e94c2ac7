// An ES module.
const greeting = await Promise.resolve('from a module');

export default async function (context) {
    context.res = { body: greeting };
}
