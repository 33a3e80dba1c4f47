// Bundles the browser libraries that have no ready file, and copies those that have one, with their licences: npm ci, npm run build
import {build} from 'esbuild'
import {cp, mkdir, readFile, readdir, writeFile} from 'node:fs/promises'

const out = new URL('../web/static/vendor/', import.meta.url).pathname
const packages = new URL('node_modules/', import.meta.url).pathname

// The content security policy forbids the <style> element that style-mod would add: adopted style sheets do the same and are allowed.
const styles = {name: 'styles', setup(b) {
  b.onLoad({filter: /style-mod\.js$/}, async args => {
    const text = await readFile(args.path, 'utf8')
    const old = 'if (!root.head && root.adoptedStyleSheets'
    if (text.split(old).length !== 2) throw new Error('style-mod changed: look at the content security policy again')
    return {contents: text.replace(old, 'if (root.adoptedStyleSheets')}
  })
}}

await mkdir(out + 'codemirror', {recursive: true})
const result = await build({entryPoints: ['entry.js'], bundle: true, format: 'esm', minify: true, target: 'es2022', metafile: true,
  legalComments: 'none', outfile: out + 'codemirror/codemirror.js', plugins: [styles]})

const bundled = new Set(Object.keys(result.metafile.inputs).map(path => path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1]).filter(Boolean))
let licences = 'codemirror.js holds these packages, each under the MIT licence below.\n'
for (const name of [...bundled].sort()) {
  const about = JSON.parse(await readFile(`${packages}${name}/package.json`, 'utf8'))
  const file = (await readdir(packages + name)).find(entry => /^licen[cs]e/i.test(entry))
  if (about.license !== 'MIT' || !file) throw new Error(`${name} has another licence: ${about.license}`)
  licences += `\n---- ${name} ${about.version} ----\n` + await readFile(`${packages}${name}/${file}`, 'utf8')
}
await writeFile(out + 'codemirror/LICENSE', licences)

await mkdir(out + 'sortable', {recursive: true})
await cp(packages + 'sortablejs/Sortable.min.js', out + 'sortable/sortable.min.js')
await cp(packages + 'sortablejs/LICENSE', out + 'sortable/LICENSE')
