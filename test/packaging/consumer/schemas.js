'use strict';

// Declares an event by schemas of libraries as they were before Standard Schema, and prints the code of each answer as JSON.
const { defineEvent } = require('holdfast');
const schemas = {
  zod: require('zod-3-22').z.object({ to: require('zod-3-22').z.string() }),
  joi: require('joi-17').object({ to: require('joi-17').string() }),
  yup: require('yup-1-4').object({ to: require('yup-1-4').string() }),
};

const codeOf = (schema) => {
  try {
    defineEvent({ name: 'mail', schema, process: () => 0 });
    return 'taken';
  } catch (error) {
    return error.code;
  }
};

process.stdout.write(JSON.stringify(Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, codeOf(schema)]))));
