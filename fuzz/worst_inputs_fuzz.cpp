// The most work for the fewest bytes: inputs that repeat one small element, of which there is one kind for
// each list that a parser reads. Of three bytes the first chooses which, the others how often it stands
// there. What a parser takes for them is within the budget that every fuzz target of a parser asserts.
#include "work_meter.h"

#include "asn1/der_writer.h"
#include "asn1/oid.h"
#include "asn1/pem.h"
#include "support/credulous_provider.h"

#include <bulla/certificate.h>
#include <bulla/pkcs12.h>
#include <bulla/pki.h>
#include <bulla/revocation.h>

#include <algorithm>
#include <string>

using namespace bulla;
using namespace bulla::asn1;

namespace {

using Der = std::vector<uint8_t>;

Der times(size_t n, std::initializer_list<uint8_t> bytes) {
  Der out;
  for (size_t i = 0; i < n; ++i) out.insert(out.end(), bytes);
  return out;
}
/// `n` elements that are the same but for their last three content octets, one OID arc.
template <class WriteOne>
Der distinct(size_t n, const WriteOne& write_one) {
  return to_der([&](DerWriter& w) {
    for (size_t i = 0; i < n; ++i) {
      const uint8_t arcs[] = {0x2a, static_cast<uint8_t>(0x81 + i / 16384 % 64),
                              static_cast<uint8_t>(0x80 | i / 128 % 128), static_cast<uint8_t>(i % 128)};
      write_one(w, Bytes(arcs));
    }
  });
}
void sequence_of(DerWriter& w, Bytes elements) {
  w.sequence([&](DerWriter& w) { w.raw(elements); });
}

// ---- certificates
// ------------------------------------------------------------------------------------------

constexpr std::initializer_list<uint8_t> empty_attribute = {0x30, 0x05, 0x06, 0x01, 0x2a, 0x05, 0x00};
constexpr std::initializer_list<uint8_t> empty_rdn = {0x31, 0x07, 0x30, 0x05, 0x06, 0x01, 0x2a, 0x05, 0x00};

void algorithm(DerWriter& w) {
  w.sequence([](DerWriter& w) { w.oid(oids::ecdsa_sha256); });
}
void key(DerWriter& w) {
  w.sequence([](DerWriter& w) {
    w.sequence([](DerWriter& w) {
      w.oid(oids::ec_public_key);
      w.oid(oids::p256);
    });
    const Der point(65, 4);
    w.bit_string(Bytes(point));
  });
}

struct Certified {
  Der issuer = {0x30, 0x00}, subject = {0x30, 0x00};
  Der extensions = {};  ///< whole Extension elements
};

Der certificate(const Certified& parts) {
  return to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        w.explicit_tag(0, [](DerWriter& w) { w.integer(2); });
        w.integer(1);
        algorithm(w);
        w.raw(parts.issuer);
        w.sequence([](DerWriter& w) {
          w.time(Time{});
          w.time(Time{});
        });
        w.raw(parts.subject);
        key(w);
        if (!parts.extensions.empty())
          w.explicit_tag(3, [&](DerWriter& w) { sequence_of(w, parts.extensions); });
      });
      algorithm(w);
      const Der signature(64, 1);
      w.bit_string(Bytes(signature));
    });
  });
}

Der with_extension(const Oid& oid, Bytes value) {
  return certificate({.extensions = to_der([&](DerWriter& w) {
                        w.sequence([&](DerWriter& w) {
                          w.oid(oid);
                          w.octet_string(value);
                        });
                      })});
}
/// The extension is a SEQUENCE of these.
Der with_list(const Oid& oid, Bytes elements) {
  return with_extension(oid, to_der([&](DerWriter& w) { sequence_of(w, elements); }));
}

Der name(Bytes rdns) {
  return to_der([&](DerWriter& w) { sequence_of(w, rdns); });
}

Der one_rdn(size_t n) {
  return name(to_der([&](DerWriter& w) { w.value(tag::set, times(n, empty_attribute)); }));
}

/// RDNs whose text is folded, sorted and compared: subject and issuer differ in their last letter.
Der folded_names(size_t n) {
  const auto made = [&](char last) {
    return name(to_der([&](DerWriter& w) {
      for (size_t i = 0; i <= n; ++i)
        w.set([&](DerWriter& w) {
          w.sequence([&](DerWriter& w) {
            w.oid(oids::common_name);
            w.utf8_string(i < n ? std::string("A ") : std::string(1, last));
          });
        });
    }));
  };
  return certificate({.issuer = made('x'), .subject = made('y')});
}

Der many_extensions(size_t n) {
  return certificate({.extensions = distinct(std::min<size_t>(n, 64), [](DerWriter& w, Bytes oid) {
                        w.sequence([&](DerWriter& w) {
                          w.value(tag::oid, oid);
                          w.octet_string(Bytes());
                        });
                      })});
}

Der nested(size_t n) {
  Der value = {0x05, 0x00};
  for (size_t i = 0; i < std::min<size_t>(n, 200); ++i)
    value = to_der([&](DerWriter& w) { w.value(0xa4, value); });
  return with_list(oids::subject_alt_name, value);
}

Der constraints(size_t n) {
  return with_list(oids::name_constraints, to_der([&](DerWriter& w) {
                     w.value(0xa0, times(n, {0x30, 0x02, 0x82, 0x00}));
                     w.value(0xa1, times(n, {0x30, 0x02, 0x81, 0x00}));
                   }));
}

struct Kind {
  Der (*make)(size_t n);
  bool (*parse)(Bytes input);
};

bool parse_certificate(Bytes input) {
  return Certificate::from_pem_or_der(input).ok();
}

// ---- the others
// --------------------------------------------------------------------------------------------

Der list(Bytes entries, Bytes extensions) {
  return to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        w.integer(1);
        algorithm(w);
        w.raw(name(Der(empty_rdn)));
        w.time(Time{});
        if (!entries.empty()) sequence_of(w, entries);
        if (!extensions.empty()) w.explicit_tag(0, [&](DerWriter& w) { sequence_of(w, extensions); });
      });
      algorithm(w);
      const Der signature(64, 1);
      w.bit_string(Bytes(signature));
    });
  });
}

Der entries(size_t n) {
  return list(to_der([&](DerWriter& w) {
                for (size_t i = n; i-- > 0;)
                  w.sequence([&](DerWriter& w) {
                    w.integer(i);
                    w.time(Time{});
                  });
              }),
              {});
}

Der entries_with_extensions(size_t n) {
  const Der extensions = distinct(60, [](DerWriter& w, Bytes oid) {
    w.sequence([&](DerWriter& w) {
      w.value(tag::oid, oid);
      w.octet_string(Bytes());
    });
  });
  return list(to_der([&](DerWriter& w) {
                for (size_t i = 0; i < n / 64 + 1; ++i)
                  w.sequence([&](DerWriter& w) {
                    w.integer(i);
                    w.time(Time{});
                    sequence_of(w, extensions);
                  });
              }),
              {});
}

bool parse_list(Bytes input) {
  return RevocationList::from_pem_or_der(input).ok();
}

Der request(Bytes subject, Bytes attributes) {
  return to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        w.integer(0);
        w.raw(subject);
        key(w);
        w.value(0xa0, attributes);
      });
      algorithm(w);
      const Der signature(64, 1);
      w.bit_string(Bytes(signature));
    });
  });
}

Der request_for(Bytes names) {
  return request(name(Der(empty_rdn)), to_der([&](DerWriter& w) {
                   w.sequence([&](DerWriter& w) {
                     w.oid(oids::extension_request);
                     w.set([&](DerWriter& w) {
                       w.sequence([&](DerWriter& w) {
                         w.sequence([&](DerWriter& w) {
                           w.oid(oids::subject_alt_name);
                           w.octet_string([&](DerWriter& w) { sequence_of(w, names); });
                         });
                       });
                     });
                   });
                 }));
}

bool parse_request(Bytes input) {
  return pki::CertificationRequest::from_pem_or_der(input, test::credulous_provider()).ok();
}

Der text(size_t n, std::string_view piece, std::string_view before = {}, std::string_view after = {}) {
  std::string out(before);
  for (size_t i = 0; i < n; ++i) out += piece;
  out += after;
  return to_vector(as_bytes(out));
}

bool parse_pem(Bytes input) {
  return decode_pem(input).ok();
}

bool parse_response(Bytes input) {
  return OcspResponse::from_der(input).ok();
}

Der response(size_t n) {
  const Der id = to_der([](DerWriter& w) {
    w.sequence([](DerWriter& w) {
      w.sequence([](DerWriter& w) { w.oid(oids::sha1); });
      const Der hash(20, 1);
      w.octet_string(Bytes(hash));
      w.octet_string(Bytes(hash));
      w.integer(1);
    });
  });
  const Der data = to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.value(0xa2, to_der([](DerWriter& w) { w.octet_string(Bytes(Der(20, 1))); }));
      w.generalized_time(Time{});
      w.sequence([&](DerWriter& w) {
        for (size_t i = 0; i < n / 32 + 1; ++i)
          w.sequence([&](DerWriter& w) {
            w.raw(id);
            w.value(0x80, {});
            w.generalized_time(Time{});
          });
      });
    });
  });
  return to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.enumerated(0);
      w.explicit_tag(0, [&](DerWriter& w) {
        w.sequence([&](DerWriter& w) {
          w.oid(oids::ocsp_basic);
          w.octet_string([&](DerWriter& w) {
            w.sequence([&](DerWriter& w) {
              w.raw(data);
              algorithm(w);
              const Der signature(64, 1);
              w.bit_string(Bytes(signature));
            });
          });
        });
      });
    });
  });
}

bool parse_pkcs12(Bytes input) {
  return pki::outline_pkcs12(input).ok();
}

constexpr Kind kinds[] = {
    {[](size_t n) { return with_list(oids::subject_alt_name, times(n, {0x82, 0x00})); }, parse_certificate},
    {[](size_t n) { return with_list(oids::subject_alt_name, times(n, {0xa4, 0x02, 0x30, 0x00})); },
     parse_certificate},
    {[](size_t n) { return with_list(oids::extended_key_usage, times(n, {0x06, 0x01, 0x2a})); },
     parse_certificate},
    {[](size_t n) {
       return with_list(oids::certificate_policies, distinct(n, [](DerWriter& w, Bytes oid) {
                          w.sequence([&](DerWriter& w) { w.value(tag::oid, oid); });
                        }));
     },
     parse_certificate},
    {[](size_t n) {
       return with_list(oids::policy_mappings, times(n, {0x30, 0x06, 0x06, 0x01, 0x2a, 0x06, 0x01, 0x2a}));
     },
     parse_certificate},
    {constraints, parse_certificate},
    {[](size_t n) { return with_list(oids::crl_distribution_points, times(n, {0x30, 0x00})); },
     parse_certificate},
    {[](size_t n) {
       return with_list(oids::crl_distribution_points, times(n, {0x30, 0x0b, 0xa0, 0x09, 0xa1, 0x07, 0x30,
                                                                 0x05, 0x06, 0x01, 0x2a, 0x05, 0x00}));
     },
     parse_certificate},
    {[](size_t n) {
       return with_list(oids::authority_info_access, times(n, {0x30, 0x05, 0x06, 0x01, 0x2a, 0x86, 0x00}));
     },
     parse_certificate},
    {[](size_t n) { return with_list(oids::tls_feature, times(n, {0x02, 0x01, 0x05})); }, parse_certificate},
    {[](size_t n) {
       return certificate({.issuer = name(times(n, empty_rdn)), .subject = name(times(n, empty_rdn))});
     },
     parse_certificate},
    {[](size_t n) { return certificate({.issuer = name(times(n, empty_rdn))}); }, parse_certificate},
    {[](size_t n) { return certificate({.issuer = one_rdn(n), .subject = one_rdn(n + 1)}); },
     parse_certificate},
    {folded_names, parse_certificate},
    {many_extensions, parse_certificate},
    {nested, parse_certificate},
    {[](size_t n) {
       return with_list(oids::extended_key_usage,
                        to_der([&](DerWriter& w) { w.value(tag::oid, Der(n + 1, 0x2a)); }));
     },
     parse_certificate},
    {entries, parse_list},
    {entries_with_extensions, parse_list},
    {[](size_t n) { return request_for(times(n, {0x82, 0x01, 'a'})); }, parse_request},
    {[](size_t n) { return request_for(times(n, {0x81, 0x00})); }, parse_request},
    {[](size_t n) { return request_for(times(n, {0x88, 0x01, 0x2a})); }, parse_request},
    {[](size_t n) { return request(one_rdn(n), {}); }, parse_request},
    {[](size_t n) {
       return request(name(Der(empty_rdn)),
                      times(std::min<size_t>(n, 64), {0x30, 0x05, 0x06, 0x01, 0x2a, 0x31, 0x00}));
     },
     parse_request},
    {[](size_t n) { return text(n, "-----BEGIN A-----\n-----END A-----\n"); }, parse_pem},
    {[](size_t n) { return text(n, "A\n", "-----BEGIN A-----\n", "-----END A-----\n"); }, parse_pem},
    {[](size_t n) { return text(n, "a:\n", "-----BEGIN A-----\n", "\n-----END A-----\n"); }, parse_pem},
    {[](size_t n) { return text(n, "-----BEGIN A-----\n-----END A-----\n"); }, parse_certificate},
    {response, parse_response},
    {[](size_t n) { return times(n, {0x24, 0x80}); }, parse_pkcs12},
    {[](size_t n) { return times(n, {0x30, 0x80}); }, parse_pkcs12},
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t most = 4 << 20;  // of all together, for the fuzzer's patience
  size_t made = 0;
  for (size_t at = 0; at + 3 <= size && made < most; at += 3) {
    const Kind& kind = kinds[data[at] % std::size(kinds)];
    const Der input = kind.make(size_t{data[at + 1]} << 8 | data[at + 2]);
    fuzz::within(fuzz::parser_budget, input.size(), [&] { return kind.parse(input); });
    made += input.size();
  }
  return 0;
}
