import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { initFiles } from '../../src/commands/init-files.ts';
import { specComments, specText } from '../../src/commands/spec-text.ts';
import { configJsonSchema, workspaceJsonSchema } from '../../src/spec/emit-schema.ts';
import { parseFile } from '../../src/spec/parse.ts';

type Node = { [key: string]: unknown };
const schemas = { workspace: workspaceJsonSchema() as Node, config: configJsonSchema() as Node };

const validator = (schema: Node) => {
  // What editors know beyond the standard; anything else that is no keyword of draft-07 is an error here.
  const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
  ajv.addVocabulary(['patternErrorMessage', 'enumDescriptions', 'defaultSnippets']);
  expect(ajv.validateSchema(schema), JSON.stringify(ajv.errors)).toBe(true);
  return ajv.compile(schema);
};

test('what is generated is what is committed', () => {
  const { status, stdout } = spawnSync(process.execPath, ['scripts/generate.ts', '--check'], { encoding: 'utf8' });
  expect(stdout).toBe('');
  expect(status).toBe(0);
});

test('the schemas are strict draft-07', () => {
  for (const schema of Object.values(schemas)) {
    expect(schema['$schema']).toBe('http://json-schema.org/draft-07/schema#');
    validator(schema);
  }
});

test('every field says what it is, for the hover of an editor', () => {
  const silent: string[] = [];
  const visit = (node: Node, path: string) => {
    for (const [word, child] of Object.entries((node['properties'] ?? {}) as Record<string, Node>)) {
      if (!child['description']) silent.push(`${path}.${word}`);
      visit(child, `${path}.${word}`);
    }
    for (const each of [node['items'], ...((node['oneOf'] ?? []) as unknown[])]) if (each) visit(each as Node, path);
    for (const each of Object.values((node['patternProperties'] ?? {}) as Record<string, Node>)) visit(each, path);
  };
  for (const [name, schema] of Object.entries(schemas)) visit(schema, name);
  expect(silent).toEqual([]);
});

test('an editor accepts what we accept, and refuses a typo', () => {
  const validate = validator(schemas.workspace);
  const examples = globSync('workspaces/**/*.yaml').map((path) => readFileSync(path, 'utf8'));
  expect(examples.length).toBeGreaterThan(1);
  for (const text of examples) {
    expect(parseFile('x.yaml', text).problems).toEqual([]);
    expect(validate(parse(text)), JSON.stringify(validate.errors)).toBe(true);
    expect(validate(parse(text.replace('spec:', 'spec:\n  memmory: 8Gi')))).toBe(false);
  }
});

/** `  # template: neuro   # why` to `  template: neuro`: what a person does who takes up an offer. */
const uncomment = (text: string, indent: string) =>
  text.replace(new RegExp(`^${indent}# (?=( *)[a-zA-Z]+: )`, 'gm'), indent);

test('what the comments of a new spec and a new config offer is valid when it is taken up', () => {
  const spec = `${specText({ name: 'ada', owner: 'ada' })}${specComments}`;
  const wanted = ['owner', 'template', 'image', 'resources', 'env', 'idle', 'state'];
  const { documents, problems } = parseFile('x.yaml', uncomment(spec, '  ').replace(/^ {2}all fields.*$/m, ''));
  expect(problems).toEqual([]);
  expect(documents.map((document) => document.ok && Object.keys(document.body.spec))).toEqual([wanted]);
  const config = uncomment(initFiles['workdock.yaml']!, '').replace(/^All fields.*$/m, '');
  const validate = validator(schemas.config);
  expect(Object.keys(parse(config) as object).length).toBeGreaterThan(10);
  expect(validate(parse(config)), JSON.stringify(validate.errors)).toBe(true);
});
