#include "peer_certificates.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

namespace bulla::bench {

void PeerFree::operator()(X509* certificate) const noexcept {
  X509_free(certificate);
}
void PeerFree::operator()(X509_STORE* store) const noexcept {
  X509_STORE_free(store);
}

PeerCertificate peer_parse(Bytes der) {
  const uint8_t* at = der.data();
  return PeerCertificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
}

PeerCertificate peer_parse_whole(Bytes der) {
  PeerCertificate out = peer_parse(der);
  X509_check_purpose(out.get(), -1, 0);
  return out;
}

PeerStore peer_store(const std::vector<PeerCertificate>& roots) {
  PeerStore store(X509_STORE_new());
  for (const PeerCertificate& root : roots) X509_STORE_add_cert(store.get(), root.get());
  return store;
}

namespace {

/// In the place of libcrypto's internal_verify, which checks signatures and dates: the dates alone.
int check_dates(X509_STORE_CTX* context) {
  time_t now = X509_VERIFY_PARAM_get_time(X509_STORE_CTX_get0_param(context));
  const STACK_OF(X509)* path = X509_STORE_CTX_get0_chain(context);
  for (int i = 0; i < sk_X509_num(path); ++i) {
    const X509* one = sk_X509_value(path, i);
    if (X509_cmp_time(X509_get0_notBefore(one), &now) > 0) return 0;
    if (X509_cmp_time(X509_get0_notAfter(one), &now) < 0) return 0;
  }
  return 1;
}

}  // namespace

bool peer_verifies(const PeerQuestion& question) {
  STACK_OF(X509)* sent = sk_X509_new_null();
  for (size_t i = 1; i < question.chain.size(); ++i) sk_X509_push(sent, question.chain[i].get());
  X509_STORE_CTX* context = X509_STORE_CTX_new();
  X509_STORE_CTX_init(context, question.store, question.chain.front().get(), sent);
  X509_STORE_CTX_set_default(context, "ssl_server");
  X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set1_host(rules, question.host.c_str(), question.host.size());
  X509_VERIFY_PARAM_set_time(
      rules, std::chrono::floor<std::chrono::seconds>(question.now).time_since_epoch().count());
  if (question.signatures == PeerSignatures::left_out) X509_STORE_CTX_set_verify(context, check_dates);
  const bool accepted = X509_verify_cert(context) == 1;
  X509_STORE_CTX_free(context);
  sk_X509_free(sent);
  return accepted;
}

}  // namespace bulla::bench
