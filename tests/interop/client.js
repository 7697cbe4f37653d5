// node client.js PORT CA VERSION COUNT [CERT KEY]: a GET on each connection, a JSON line each.
'use strict';
const fs = require('fs');
const tls = require('tls');
const [port, ca, version, count, cert, key] = process.argv.slice(2);

function visit(left, session) {
  if (left === 0) return;
  let page = '', next = session;
  const socket = tls.connect({
    host: '127.0.0.1', port: Number(port), servername: 'localhost', ca: fs.readFileSync(ca),
    minVersion: 'TLSv' + version, maxVersion: 'TLSv' + version, session,
    cert: cert && fs.readFileSync(cert), key: key && fs.readFileSync(key),
  });
  socket.on('session', (s) => { next = s; });
  socket.on('secureConnect', () => socket.write('GET / HTTP/1.0\r\nHost: localhost\r\n\r\n'));
  socket.on('data', (data) => { page += data; });
  socket.on('error', (error) => { console.error(error); process.exit(1); });
  const facts = () => ({ version: socket.getProtocol(), suite: socket.getCipher().standardName, resumed: socket.isSessionReused() });
  let seen;
  socket.on('secureConnect', () => { seen = facts(); });
  socket.on('end', () => {
    console.log(JSON.stringify({ ...seen, page }));
    socket.end();
    visit(left - 1, next);
  });
}
visit(Number(count));
