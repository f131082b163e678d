#!/bin/sh
# Makes what index.ts reads: a root, and a server and a client that it vouches for.
# Run once; what it made is in this folder. Needs OpenSSL 3.
set -e
cd "$(dirname "$0")"
days=36500
openssl req -x509 -newkey rsa:2048 -nodes -days $days -sha256 \
    -subj "/CN=Test root" -addext "basicConstraints=critical,CA:TRUE" \
    -keyout root.key -outform DER -out root.der
openssl x509 -inform DER -in root.der -out root.pem
for name in server client; do
    openssl req -newkey rsa:2048 -nodes -subj "/CN=$name.example" \
        -keyout $name.key -out $name.csr
    openssl x509 -req -in $name.csr -CA root.pem -CAkey root.key -days $days \
        -sha256 -CAcreateserial -out $name.pem
done
# the encryption that a module of 2013 can be expected to know
openssl pkcs12 -export -in client.pem -inkey client.key -out client.p12 \
    -passout pass:sim800 -name client \
    -certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg sha1
rm -f root.key root.srl root.pem client.key client.pem server.csr client.csr
