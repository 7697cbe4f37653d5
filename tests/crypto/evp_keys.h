// What the files of OpenSSL and BoringSSL have in common: keys by their names, PEM between the blocks.
#pragma once

#include "asn1/der_reader.h"
#include "asn1/pem.h"
#include "crypto/one_shot.h"
#include "support/vectors.h"
#include "x509/algorithm.h"

#include <bulla/certificate.h>

#include <map>
#include <sstream>

namespace bulla::test {

/// Public and private keys by their names.
struct Keys {
  std::map<std::string, ByteVector, std::less<>> spki;  // DER, kept for the views
  std::map<std::string, PrivateKeyMaterial, std::less<>> materials;

  std::optional<PublicKeyView> find(std::string_view name) const {
    if (const auto found = spki.find(name); found != spki.end()) {
      asn1::DerReader reader(found->second);
      return x509::read_public_key(reader).key;
    }
    if (const auto found = materials.find(name); found != materials.end())
      return PublicKeyView{
          .type = found->second.type, .modulus = found->second.modulus, .exponent = found->second.exponent};
    return std::nullopt;
  }
};

/// OpenSSL's files hold PEM between their blocks, which is taken out first.
inline std::string take_pem(const std::string& text, Keys& keys) {
  std::string rest, pem, name, last;
  bool inside = false;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("-----BEGIN"))
      inside = true, pem.clear(), name = last.substr(last.find_first_of('=') + 1);
    if (inside) {
      pem += line + '\n';
    } else {
      rest += line + '\n';
    }
    if (line.starts_with("-----END")) {
      inside = false;
      name.erase(0, name.find_first_not_of(' '));
      if (line.find("PRIVATE") != std::string::npos) {
        if (auto material = parse_private_key(as_bytes(pem), {}))
          keys.materials.insert_or_assign(name, *std::move(material));
      } else if (const auto blocks = asn1::decode_pem(as_bytes(pem)); blocks && !blocks->empty()) {
        keys.spki[name] = to_vector(blocks->front().content.reveal());
      }
    }
    last = line;
  }
  return rest;
}

/// The value of the `Ctrl = name:value` line.
inline std::string_view control(const Block& block, std::string_view name) {
  for (const auto& [key, value] : block.values)
    if (key == "Ctrl" && std::string_view(value).starts_with(name) && value.size() > name.size())
      return std::string_view(value).substr(name.size() + 1);
  return {};
}

/// All `Input` lines as one message.
inline ByteVector message_of(const Block& block) {
  ByteVector out;
  for (const auto& [key, value] : block.values) {
    const Block line{.section = {}, .settings = {}, .values = {{key, value}}};
    if (key != "Input") continue;
    const ByteVector part = line.bytes("Input");
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

}  // namespace bulla::test
