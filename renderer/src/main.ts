import { mount } from 'svelte'
import { connectStudio } from './connection.ts'
import Status from './Status.svelte'
import '@fontsource-variable/inter/index.css'
import './tokens.css'
import './page.css'

mount(Status, { target: document.body, props: { studio: connectStudio() } })
