// What handles secrets outside src/crypto: comparisons, PEM, the forms of private keys, encrypted key files.
#include "asn1/base64.h"
#include "asn1/pem.h"
#include "base/ct.h"
#include "constant_time/key_files.h"
#include "constant_time/run.h"
#include "x509/private_key.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace bulla::constant_time {

SecretBytes test_file(const std::string& name) {
  const std::string path = BULLA_SOURCE_DIR "/tests/x509/data/" + name;
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (!file) {
    std::printf("cannot read %s\n", path.c_str());
    std::exit(2);
  }
  SecretBytes room(size_t{8192});
  const size_t size = std::fread(room.writable().data(), 1, room.size(), file);
  std::fclose(file);
  return SecretBytes(room.reveal().first(size));
}

SecretBytes test_der(const std::string& name) {
  const SecretBytes text = test_file(name);
  auto blocks = asn1::decode_pem(text.reveal());
  if (!blocks || blocks->empty()) std::exit(2);
  return std::move(blocks->front().content);
}

namespace {

template <uint8_t difference>
void compare(Run& run) {
  const SecretBytes a = run.secret(32);
  SecretBytes b = a.clone();
  b.writable()[3] ^= difference;
  run.before_public("the outcome of a comparison");
  const uint8_t equal = ct::equal(a.reveal(), b.reveal());
  run.made_public({&equal, 1});
  run.expect(equal == (difference == 0), "a comparison is right");
}

/// Every operation of a mask, also through the barrier.
void masks(Run& run) {
  const SecretBytes bytes = run.secret(16);
  const auto at = [&](size_t i) { return uint32_t{bytes.reveal()[i]}; };
  using Mask = ct::Mask<uint32_t>;
  const Mask all[] = {Mask::of_bit(at(0) & 1), Mask::of_top_bit(at(1) << 24), Mask::is_zero(at(2)),
                      Mask::is_equal(at(0), at(1)), Mask::is_less(at(2), at(3))};
  for (const Mask mask : all) {
    const uint8_t results[] = {
        static_cast<uint8_t>(mask.select(1, 0)),     static_cast<uint8_t>((~mask).bit()),
        static_cast<uint8_t>(mask.keep(0xff)),       static_cast<uint8_t>((mask & all[0]).bit()),
        static_cast<uint8_t>((mask | all[0]).bit()), static_cast<uint8_t>(ct::value_barrier(mask.bits()))};
    run.stays_secret(results);
  }
}

void base64(Run& run) {
  const SecretBytes bytes = run.secret(100);
  SecretBytes text(size_t{136}), back(size_t{102});
  run.expect(asn1::base64_encode(bytes.reveal(), text.writable()) == 136, "base64 is written");
  run.stays_secret(text.reveal().first(132));
  const std::string_view pieces[] = {as_text(text.reveal())};
  const auto size = asn1::base64_decode(pieces, back.writable());
  run.expect(size == 100, "base64 is read");
  run.stays_secret(back.reveal().first(100));
}

/// A file in which all bytes of the secret numbers are secret, but not the frame around them. The first octet
/// of an INTEGER decides how it is written (X.690 §8.3.2), and belongs to the frame.
template <size_t public_octets, size_t secrets>
SecretBytes with_secret_numbers(Run& run, const char* file, const SecretBytes* const (&numbers)[secrets]) {
  SecretBytes der = test_der(file);
  Bytes places[secrets];
  for (size_t i = 0; i < secrets; ++i) {
    const auto found = std::ranges::search(der.reveal(), numbers[i]->reveal());
    run.expect(!found.empty(), "a number stands in its file");
    places[i] = {found.data(), found.size()};
  }
  for (const Bytes place : places) run.hide(place.subspan(public_octets));
  return der;
}

void read_scalar(Run& run, const char* file) {
  const auto plain = x509::parse_pkcs8(test_der(file).reveal());
  run.expect(plain.ok(), "a key is read");
  const SecretBytes* const numbers[] = {&plain->scalar};
  const SecretBytes der = with_secret_numbers<0>(run, file, numbers);
  const auto read = x509::parse_pkcs8(der.reveal());
  run.expect(read.ok(), "a key is read");
  run.stays_secret(read->scalar.reveal());
}
void read_ec(Run& run) {
  read_scalar(run, "p256.pem");
}
void read_ed25519(Run& run) {
  read_scalar(run, "ed25519.pem");
}

void read_rsa(Run& run) {
  const auto plain = x509::parse_pkcs8(test_der("rsa.pem").reveal());
  run.expect(plain.ok(), "an RSA key is read");
  const SecretBytes* const numbers[] = {&plain->private_exponent, &plain->prime1,    &plain->prime2,
                                        &plain->exponent1,        &plain->exponent2, &plain->coefficient};
  const SecretBytes der = with_secret_numbers<1>(run, "rsa.pem", numbers);
  const auto read = x509::parse_pkcs8(der.reveal());
  run.expect(read.ok(), "an RSA key is read");
  run.stays_secret(read->prime1.reveal().subspan(1));
}

void decrypt(Run& run) {
  const SecretBytes der = test_der("enc_default.pem"), passphrase = SecretBytes(as_bytes("correct-horse"));
  run.mark(passphrase);
  const auto plain = x509::decrypt_pkcs8(der.reveal(), as_text(passphrase.reveal()), run.provider());
  run.expect(plain.ok(), "a key file is decrypted");
  run.stays_secret(plain->reveal().last(32));
}

constexpr Operation of_base[] = {
    {"equal", compare<0>}, {"unequal", compare<1>}, {"masks", masks}, {"base64", base64}};
constexpr Operation of_key_files[] = {
    {"ec", read_ec}, {"ed25519", read_ed25519}, {"rsa", read_rsa}, {"encrypted", decrypt, true}};

}  // namespace

std::span<const Operation> base_operations() noexcept {
  return of_base;
}
std::span<const Operation> key_file_operations() noexcept {
  return of_key_files;
}

}  // namespace bulla::constant_time
