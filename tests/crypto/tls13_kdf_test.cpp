// HKDF as TLS 1.3 uses it (RFC 9846 §7.1), against NIST's answers: extraction, and expansion under a label.
// The label is written here from the RFC's text, and once more in src/tls.
#include "base/writer.h"
#include "crypto/hkdf.h"
#include "crypto/one_shot.h"
#include "support/vectors.h"

namespace bulla::test {
namespace {

/// HkdfLabel: the length, the label with its prefix, the context.
ByteVector expand_label(const HashAlgorithm& hash, Bytes secret, Bytes label, Bytes context, size_t size) {
  ByteVector info;
  Writer w(info);
  w.u16(static_cast<uint16_t>(size));
  w.u8_bytes(label);
  w.u8_bytes(context);
  ByteVector out(size);
  hkdf_expand(hash, secret, info, out);
  return out;
}

/// "Ctrl.key = hexkey:00ff" of OpenSSL's files; nothing where there is no such line.
std::optional<ByteVector> control(const Block& block, const std::string& name) {
  const std::string key = "Ctrl." + name, prefix = "hex" + name + ':';
  if (!block.has(key)) return {};
  const std::string_view value = block.text(key);
  EXPECT_TRUE(value.starts_with(prefix)) << value;
  return from_hex(value.substr(std::min(prefix.size(), value.size())));
}

TEST(Tls13Kdf, nist) {
  const std::string set = "nist/openssl-evp/evpkdf_tls13_kdf.txt";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0;
  for (const Block& block : parse_blocks(*text)) {
    if (block.text("KDF") != "TLS13-KDF" || block.has("Result")) continue;  // Result: misuse of the EVP call
    const std::string_view digest_name = block.text("Ctrl.digest");
    const HashAlgorithm& hash = need_hash(digest_name == "digest:SHA2-256" ? HashId::sha256 : HashId::sha384);
    const ByteVector zeros(hash.digest_size, 0), wanted = block.bytes("Output");
    const ByteVector key = control(block, "key").value_or(zeros);
    ByteVector label = control(block, "prefix").value_or(ByteVector());
    const ByteVector name = control(block, "label").value_or(ByteVector());
    label.insert(label.end(), name.begin(), name.end());
    SCOPED_TRACE("case " + std::to_string(cases));
    if (block.text("Ctrl.mode") == "mode:EXPAND_ONLY") {
      EXPECT_EQ(expand_label(hash, key, label, control(block, "data").value_or(ByteVector()), wanted.size()),
                wanted);
    } else {
      // The salt is the secret before, from which "derived" is derived over the empty transcript.
      const auto salt = control(block, "salt");
      const ByteVector from =
          salt ? expand_label(hash, *salt, label, digest(hash, {}), hash.digest_size) : zeros;
      ByteVector out(hash.digest_size);
      hkdf_extract(hash, from, key, out);
      EXPECT_EQ(out, wanted);
    }
    ++cases;
  }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
}

TEST(Tls13Kdf, labels) {
  const std::string set = "nist/botan-text/hkdf_label.vec";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0;
  for (const Block& block : parse_blocks(*text)) {
    if (!block.has("Secret")) continue;
    const HashAlgorithm& hash = need_hash(block.section == "SHA-384" ? HashId::sha384 : HashId::sha256);
    const ByteVector wanted = block.bytes("Output");
    EXPECT_EQ(expand_label(hash, block.bytes("Secret"), as_bytes(block.text("Label")),
                           block.bytes("HashValue"), wanted.size()),
              wanted);
    ++cases;
  }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
}

}  // namespace
}  // namespace bulla::test
