// Parts of @grafana/ui want it as a global before they are loaded.
import jquery from 'jquery';

globalThis.jQuery = globalThis.$ = jquery;
