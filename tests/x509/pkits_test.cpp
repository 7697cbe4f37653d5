// NIST PKITS and OpenSSL's verify tests.
#include "pkits_case.h"
#include "support/vectors.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace bulla::test {
namespace {

namespace json = boost::json;

std::string text(const json::value& v) {
  return std::string(v.as_string());
}

const Scoreboard::Divergences openssl_divergences = {
    {"openssl-verify-023 fail client purpose",
     "OpenSSL stays with the first CA of the name; here the other one, which passes, is found"},
    {"openssl-verify-039 accept RSA 768 intermediate at auth level 0", "weak algorithms are never accepted"},
    {"openssl-verify-041 accept RSA 768 leaf at auth level 0", "weak algorithms are never accepted"},
    {"openssl-verify-044 accept md5 intermediate at auth level 0", "weak algorithms are never accepted"},
    {"openssl-verify-046 accept md5 leaf at auth level 0", "weak algorithms are never accepted"},
    {"openssl-verify-072 Accept PSS signature using SHA1 at auth level 0",
     "weak algorithms are never accepted"},
    {"openssl-verify-059 Name Constraints CNs not permitted",
     "a commonName is never read, so it is not constrained either"},
    {"openssl-verify-065 Name Constraints CN hostname not permitted",
     "a commonName is never read, so it is not constrained either"},
    {"openssl-verify-066 Name Constraints CN BMPSTRING hostname not permitted",
     "a commonName is never read, so it is not constrained either"},
    {"openssl-verify-078 Too many names and constraints to check (1)",
     "only names and constraints of one kind are compared, which here is little work"},
    {"openssl-verify-080 Too many names and constraints to check (3)",
     "only names and constraints of one kind are compared, which here is little work"},
    {"openssl-verify-091 accept last-resort direct leaf match Ed25519-signed self-issued cert",
     "its key is X25519, which signs nothing"},
};

TEST(PkitsTest, Nist) {
  const std::vector<PkitsCase> cases = pkits_cases();
  if (cases.empty()) GTEST_SKIP() << "missing test data: x509/pkits (set BULLA_VECTORS to its folder)";
  Scoreboard board("x509/pkits", read_divergences("pkits.txt"));
  for (const PkitsCase& one : cases) board.expect(one.id, one.is_valid, run(one.chain));
  board.finish();
}

TEST(PkitsTest, OpenSslVerify) {
  const auto document = load_json("x509/openssl-verify/cases.json");
  BULLA_NEED_VECTORS(document, "x509/openssl-verify");
  Scoreboard board("x509/openssl-verify", openssl_divergences);
  for (const auto& value : document->at("testcases").as_array()) {
    const auto& test = value.as_object();
    const auto pem = [](const json::value& name) {
      return read_text("x509/openssl-verify/certs/" + text(name) + ".pem").value_or("");
    };
    const std::string id = text(test.at("id")) + ' ' + text(test.at("description"));
    ChainCase chain;
    chain.options.min_rsa_bits = 1024;
    chain.now = parse_rfc3339(text(test.at("validation_time")));
    if (text(test.at("purpose")) == "sslclient") chain.purpose = CertificatePurpose::client;
    for (const auto& name : test.at("trusted").as_array()) chain.roots.push_back(pem(name));
    for (const auto& name : test.at("untrusted").as_array()) chain.intermediates.push_back(pem(name));
    chain.leaf = pem(test.at("cert"));
    const auto& options = test.at("options").as_array();
    for (size_t i = 0; i + 1 < options.size(); ++i)
      if (text(options[i]) == "-verify_depth")
        chain.options.max_path_length = static_cast<unsigned>(std::stoi(text(options[i + 1]))) + 2;
    const std::string option = options.empty() ? "" : text(options[0]);
    const std::string level = option == "-auth_level" ? text(options[1]) : "";
    if (option == "-x509_strict" || option == "-policy_check" || level == "2" || level == "3")
      board.left_out(id, "asks for more strictness than there is: " + option + ' ' + level);
    else
      board.expect(id, text(test.at("expected")) == "SUCCESS", run(chain));
  }
  board.finish();
}

}  // namespace
}  // namespace bulla::test
