// A certificate, list or request as libcrypto sees it. It takes extensions apart when they are used; here
// those that ours knows are taken apart at once.
#pragma once

#include <bulla/bytes.h>

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace bulla::test {

enum class Kind : uint8_t { certificate, list, request };

/// What the profile of RFC 5280 forbids and libcrypto decodes.
struct Claims {
  bool several_values = false;   ///< RFC 2985 §5.4.2: extensionRequest has one
  bool no_key_usage = false;     ///< §4.2.1.3: no bit is set
  bool repeated_policy = false;  ///< §4.2.1.4
  bool odd_subtree = false;      ///< §4.2.1.10: a minimum, a maximum, an address without mask
  bool bare_point = false;       ///< §4.2.1.13: a distribution point that points nowhere
  bool odd_scope = false;        ///< §5.2.5: two of the three scopes at once
  bool odd_flag = false;         ///< a BOOLEAN of issuingDistributionPoint that is neither 00 nor FF
};

class LibcryptoView {
 public:
  LibcryptoView(Kind kind, Bytes der) {
    const uint8_t* at = der.data();
    const long size = static_cast<long>(der.size());
    ERR_clear_error();
    if (kind == Kind::certificate) {
      certificate_.reset(d2i_X509(nullptr, &at, size));
      if (certificate_) look_at_certificate();
    } else if (kind == Kind::list) {
      list_.reset(d2i_X509_CRL(nullptr, &at, size));
      if (list_) look_at_list();
    } else {
      request_.reset(d2i_X509_REQ(nullptr, &at, size));
      if (request_) look_at_request();
    }
    const bool read = certificate_ || list_ || request_;
    if (!read)
      object(reason());
    else if (at != der.data() + der.size())
      object("bytes follow");
    if (read) take_extensions_apart(kind);
    ERR_clear_error();
  }

  bool accepts() const { return objection_.empty(); }
  const std::string& objection() const { return objection_; }
  const std::vector<const X509_EXTENSION*>& extensions() const { return extensions_; }
  /// 1 for v1.
  long version() const { return version_; }
  size_t serial_size() const { return serial_size_; }
  /// The Name of a list's issuer has no attributes.
  bool lacks_an_issuer() const {
    return list_ && X509_NAME_entry_count(X509_CRL_get_issuer(list_.get())) == 0;
  }

  /// Of a certificate: outside and inside of what is signed.
  bool algorithms_differ() const { return algorithms_differ_; }
  const Claims& claims() const { return claims_; }
  /// A date of another form than RFC 5280 §4.1.2.5 has: YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ, of a day that is.
  bool has_odd_date() const {
    return std::any_of(dates_.begin(), dates_.end(), [](const ASN1_TIME* time) {
      const size_t size = static_cast<size_t>(ASN1_STRING_length(time));
      const bool utc = ASN1_STRING_type(time) == V_ASN1_UTCTIME;
      const std::string text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(time)), size);
      const bool digits = size > 1 && text.find_first_not_of("0123456789") == size - 1;
      return size != (utc ? 13u : 15u) || !digits || text.back() != 'Z' || ASN1_TIME_check(time) != 1;
    });
  }
  bool repeats_an_extension() const {
    for (const auto* list : lists_)
      for (int i = 0; i < sk_X509_EXTENSION_num(list); ++i)
        if (X509v3_get_ext_by_OBJ(list, X509_EXTENSION_get_object(sk_X509_EXTENSION_value(list, i)), i) >= 0)
          return true;
    return false;
  }
  /// A number of basicConstraints, policyConstraints and the like that is negative or beyond 31 bits.
  bool has_large_number() const { return large_number_; }
  bool has_bytes_behind_a_value() const { return bytes_behind_; }

 private:
  template <auto Free>
  struct Freer {
    template <class T>
    void operator()(T* object) const {
      Free(object);
    }
  };

  enum class Place : uint8_t { whole, entry };

  static std::string reason() {
    const char* text = ERR_reason_error_string(ERR_peek_error());
    return text ? text : "no reason";
  }
  void object(const std::string& why) {
    if (objection_.empty()) objection_ = why;
  }

  void look_at_certificate() {
    const X509* one = certificate_.get();
    version_ = X509_get_version(one) + 1;
    const X509_ALGOR* outer = nullptr;
    X509_get0_signature(nullptr, &outer, one);
    algorithms_differ_ = X509_ALGOR_cmp(outer, X509_get0_tbs_sigalg(one)) != 0;
    serial_size_ = static_cast<size_t>(ASN1_STRING_length(X509_get0_serialNumber(one)));
    dates_ = {X509_get0_notBefore(one), X509_get0_notAfter(one)};
    add(X509_get0_extensions(one));
  }
  void look_at_list() {
    X509_CRL* one = list_.get();
    version_ = X509_CRL_get_version(one) + 1;
    dates_ = {X509_CRL_get0_lastUpdate(one)};
    if (X509_CRL_get0_nextUpdate(one)) dates_.push_back(X509_CRL_get0_nextUpdate(one));
    add(X509_CRL_get0_extensions(one));
    STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(one);
    for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
      const X509_REVOKED* entry = sk_X509_REVOKED_value(entries, i);
      dates_.push_back(X509_REVOKED_get0_revocationDate(entry));
      add(X509_REVOKED_get0_extensions(entry));
    }
  }
  void look_at_request() {
    version_ = X509_REQ_get_version(request_.get()) + 1;
    requested_.reset(X509_REQ_get_extensions(request_.get()));
    int at = -1, count = 0;
    while ((at = X509_REQ_get_attr_by_NID(request_.get(), NID_ext_req, at)) >= 0) {
      claims_.several_values |= ++count > 1;
      claims_.several_values |= X509_ATTRIBUTE_count(X509_REQ_get_attr(request_.get(), at)) != 1;
    }
    if (!requested_ && X509_REQ_get_attr_by_NID(request_.get(), NID_ext_req, -1) >= 0)
      object("extensionRequest: " + reason());
    add(requested_.get());
  }
  void add(const STACK_OF(X509_EXTENSION) * list) {
    if (!list) return;
    lists_.push_back(list);
    for (int i = 0; i < sk_X509_EXTENSION_num(list); ++i)
      extensions_.push_back(sk_X509_EXTENSION_value(list, i));
  }

  /// Those that src/x509/extensions.cpp knows, and of lists those that src/x509/crl.cpp knows.
  static bool is_known(Kind kind, Place place, int nid) {
    constexpr int of_certificates[] = {NID_basic_constraints,       NID_key_usage,
                                       NID_ext_key_usage,           NID_subject_alt_name,
                                       NID_name_constraints,        NID_info_access,
                                       NID_subject_key_identifier,  NID_authority_key_identifier,
                                       NID_certificate_policies,    NID_policy_mappings,
                                       NID_policy_constraints,      NID_inhibit_any_policy,
                                       NID_id_pkix_OCSP_noCheck,    NID_tlsfeature,
                                       NID_crl_distribution_points, NID_freshest_crl};
    constexpr int of_lists[] = {NID_crl_number, NID_delta_crl, NID_issuing_distribution_point,
                                NID_authority_key_identifier};
    constexpr int of_entries[] = {NID_crl_reason, NID_invalidity_date, NID_certificate_issuer};
    const auto is_in = [nid](const auto& table) {
      return std::find(std::begin(table), std::end(table), nid) != std::end(table);
    };
    if (kind != Kind::list) return is_in(of_certificates);
    return place == Place::whole ? is_in(of_lists) : is_in(of_entries);
  }
  void take_extensions_apart(Kind kind) {
    const auto of_whole = static_cast<size_t>(
        list_ ? std::max(0, sk_X509_EXTENSION_num(X509_CRL_get0_extensions(list_.get()))) : 0);
    for (size_t i = 0; i < extensions_.size(); ++i) {
      const X509_EXTENSION* one = extensions_[i];
      const Place place = i < of_whole ? Place::whole : Place::entry;
      auto* extension = const_cast<X509_EXTENSION*>(one);
      const int nid = OBJ_obj2nid(X509_EXTENSION_get_object(extension));
      if (!is_known(kind, place, nid)) continue;
      const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(extension);
      const uint8_t *data = ASN1_STRING_get0_data(value), *at = data;
      const long size = ASN1_STRING_length(value);
      const X509V3_EXT_METHOD* method = X509V3_EXT_get(extension);
      ASN1_VALUE* parsed = ASN1_item_d2i(nullptr, &at, size, ASN1_ITEM_ptr(method->it));
      if (!parsed)
        object(std::string(OBJ_nid2sn(nid)) + ": " + reason());
      else if (at != data + size)
        bytes_behind_ = true;
      if (parsed) look_at_numbers(nid, parsed);
      if (parsed) look_at_value(nid, parsed);
      if (parsed && nid == NID_invalidity_date)
        kept_dates_.emplace_back(ASN1_STRING_dup(reinterpret_cast<ASN1_STRING*>(parsed)));
      ASN1_item_free(parsed, ASN1_ITEM_ptr(method->it));
    }
    for (const auto& date : kept_dates_) dates_.push_back(date.get());
  }
  void look_at_value(int nid, const ASN1_VALUE* parsed) {
    if (nid == NID_key_usage) {
      const auto* bits = reinterpret_cast<const ASN1_BIT_STRING*>(parsed);
      claims_.no_key_usage =
          std::all_of(bits->data, bits->data + bits->length, [](uint8_t b) { return b == 0; });
    } else if (nid == NID_certificate_policies) {
      const auto* policies = reinterpret_cast<const CERTIFICATEPOLICIES*>(parsed);
      for (int i = 0; i < sk_POLICYINFO_num(policies); ++i)
        for (int k = 0; k < i; ++k)
          if (OBJ_cmp(sk_POLICYINFO_value(policies, i)->policyid,
                      sk_POLICYINFO_value(policies, k)->policyid) == 0)
            claims_.repeated_policy = true;
    } else if (nid == NID_name_constraints) {
      const auto* constraints = reinterpret_cast<const NAME_CONSTRAINTS*>(parsed);
      look_at_subtrees(constraints->permittedSubtrees);
      look_at_subtrees(constraints->excludedSubtrees);
    } else if (nid == NID_crl_distribution_points || nid == NID_freshest_crl) {
      const auto* points = reinterpret_cast<const CRL_DIST_POINTS*>(parsed);
      for (int i = 0; i < sk_DIST_POINT_num(points); ++i) {
        const DIST_POINT* one = sk_DIST_POINT_value(points, i);
        if (!one->distpoint && sk_GENERAL_NAME_num(one->CRLissuer) <= 0) claims_.bare_point = true;
      }
    } else if (nid == NID_issuing_distribution_point) {
      const auto* point = reinterpret_cast<const ISSUING_DIST_POINT*>(parsed);
      const int flags[] = {point->onlyuser, point->onlyCA, point->onlyattr, point->indirectCRL};
      claims_.odd_scope = std::count_if(flags, flags + 3, [](int f) { return f > 0; }) > 1;
      claims_.odd_flag = std::any_of(flags, flags + 4, [](int f) { return f > 0 && f != 255; });
    }
  }
  void look_at_subtrees(const STACK_OF(GENERAL_SUBTREE) * list) {
    for (int i = 0; list && i < sk_GENERAL_SUBTREE_num(list); ++i) {
      const GENERAL_SUBTREE* one = sk_GENERAL_SUBTREE_value(list, i);
      if (one->maximum || (one->minimum && ASN1_INTEGER_get(one->minimum) != 0)) claims_.odd_subtree = true;
      if (one->base->type != GEN_IPADD) continue;
      const int size = ASN1_STRING_length(one->base->d.iPAddress);
      if (size != 8 && size != 32) claims_.odd_subtree = true;
    }
  }
  void look_at_numbers(int nid, const ASN1_VALUE* parsed) {
    std::vector<const ASN1_INTEGER*> numbers;
    if (nid == NID_basic_constraints) {
      numbers.push_back(reinterpret_cast<const BASIC_CONSTRAINTS*>(parsed)->pathlen);
    } else if (nid == NID_policy_constraints) {
      const auto* constraints = reinterpret_cast<const POLICY_CONSTRAINTS*>(parsed);
      numbers = {constraints->requireExplicitPolicy, constraints->inhibitPolicyMapping};
    } else if (nid == NID_inhibit_any_policy || nid == NID_crl_number || nid == NID_crl_reason) {
      numbers.push_back(reinterpret_cast<const ASN1_INTEGER*>(parsed));
    } else if (nid == NID_tlsfeature) {
      const auto* features = reinterpret_cast<const STACK_OF(ASN1_INTEGER)*>(parsed);
      for (int i = 0; i < sk_ASN1_INTEGER_num(features); ++i)
        numbers.push_back(sk_ASN1_INTEGER_value(features, i));
    }
    for (const ASN1_INTEGER* number : numbers) {
      int64_t value = 0;
      const int64_t bound = nid == NID_tlsfeature ? 0xffff : nid == NID_crl_reason ? 10 : 0x7fffffff;
      if (!number) continue;
      const bool read = ASN1_STRING_type(number) == V_ASN1_ENUMERATED
                            ? ASN1_ENUMERATED_get_int64(&value, number)
                            : ASN1_INTEGER_get_int64(&value, number);
      if (!read || value < 0 || value > bound || (nid == NID_crl_reason && value == 7)) large_number_ = true;
    }
  }

  std::unique_ptr<X509, Freer<X509_free>> certificate_;
  std::unique_ptr<X509_CRL, Freer<X509_CRL_free>> list_;
  std::unique_ptr<X509_REQ, Freer<X509_REQ_free>> request_;
  struct FreeList {
    void operator()(STACK_OF(X509_EXTENSION) * list) const {
      sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
    }
  };
  std::unique_ptr<STACK_OF(X509_EXTENSION), FreeList> requested_;
  std::vector<std::unique_ptr<ASN1_STRING, Freer<ASN1_STRING_free>>> kept_dates_;
  std::vector<const STACK_OF(X509_EXTENSION)*> lists_;
  std::vector<const X509_EXTENSION*> extensions_;
  std::vector<const ASN1_TIME*> dates_;
  std::string objection_;
  long version_ = 0;
  size_t serial_size_ = 0;
  bool algorithms_differ_ = false, large_number_ = false, bytes_behind_ = false;
  Claims claims_;
};

}  // namespace bulla::test
