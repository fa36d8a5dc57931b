import react from '@vitejs/plugin-react';

// Grafana's packages expect some of what webpack gives them.
export default {
  plugins: [react()],
  base: './',
  define: { 'process.env.NODE_ENV': '"production"', 'process.env': '{}', global: 'globalThis' },
  build: { target: 'es2022', minify: false, sourcemap: false, chunkSizeWarningLimit: 20000, reportCompressedSize: false },
};
