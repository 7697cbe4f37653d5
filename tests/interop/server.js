// node server.js PORT CERT KEY VERSION [CA]: answers every request with what Node knows of the connection.
'use strict';
const fs = require('fs');
const tls = require('tls');
const [port, cert, key, version, ca] = process.argv.slice(2);

tls.createServer({
  cert: fs.readFileSync(cert), key: fs.readFileSync(key), minVersion: 'TLSv' + version, maxVersion: 'TLSv' + version,
  requestCert: Boolean(ca), rejectUnauthorized: Boolean(ca), ca: ca && fs.readFileSync(ca),
}, (socket) => {
  socket.on('error', () => {});
  socket.once('data', () => {
    const subject = socket.getPeerCertificate().subject;
    const body = JSON.stringify({
      version: socket.getProtocol(), suite: socket.getCipher().standardName, resumed: socket.isSessionReused(),
      client: subject ? subject.CN : null,
    });
    socket.end(`HTTP/1.0 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  });
}).listen(Number(port), '127.0.0.1');
