// NIST PKITS and OpenSSL's verify tests.
#include "chain_case.h"
#include "support/vectors.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace bulla::test {
namespace {

namespace json = boost::json;

std::string text(const json::value& v) {
  return std::string(v.as_string());
}

PolicyDemands demands_of(const json::object& test, const json::object& numbers) {
  PolicyDemands out = {.required = test.at("initial_explicit_policy").as_bool(),
                       .inhibit_mapping = test.at("initial_policy_mapping_inhibit").as_bool(),
                       .inhibit_any = test.at("initial_inhibit_any_policy").as_bool()};
  for (const auto& name : test.at("initial_policy_set").as_array())
    if (name.as_string() != "anyPolicy")
      out.accepted.push_back(PolicyId::parse(text(numbers.at(name.as_string()))).value());
  return out;
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
  const auto document = load_json("x509/pkits/pkits.json");
  BULLA_NEED_VECTORS(document, "x509/pkits");
  Scoreboard board("x509/pkits", read_divergences("pkits.txt"));
  for (const auto& value : document->at("testcases").as_array()) {
    const auto& test = value.as_object();
    const std::string id = text(test.at("id"));
    ChainCase chain;
    chain.options.min_rsa_bits = 1024;
    chain.options.policies = demands_of(test, document->at("policies").as_object());
    chain.now = parse_rfc3339(text(test.at("time")));
    const auto& files = test.at("certs").as_array();
    const auto der = [&](size_t i) { return read_text("x509/pkits/certs/" + text(files[i])).value_or(""); };
    chain.roots.push_back(der(0));
    for (size_t i = 1; i + 1 < files.size(); ++i) chain.intermediates.push_back(der(i));
    chain.leaf = der(files.size() - 1);
    chain.options.revocation = RevocationPolicy::required;
    for (const auto& name : test.at("crls").as_array()) {
      const auto list = read_text("x509/pkits/crls/" + text(name)).value_or("");
      // The altered octet of this one is the count of unused bits.
      const bool malformed = text(name) == "BadCRLSignatureCACRL.crl";
      EXPECT_EQ(chain.options.lists.add(as_bytes(list)).ok(), !malformed) << id << ' ' << text(name);
    }
    board.expect(id, test.at("should_validate").as_bool(), run(chain));
  }
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
