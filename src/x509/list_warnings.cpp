#include "x509/list_warnings.h"

#include "x509/name.h"

#include <algorithm>

namespace bulla::x509 {
namespace {

/// Who has more lists than these has no use for a line about each.
constexpr size_t most_told = 16;

/// What to do about a list of the issuer of path[index].
std::string remedy_for(ListFlaw flaw, const ParsedRevocationList& list, const Certificate& certificate) {
  const std::string url = list_url(certificate.parsed());
  const std::string fetch = url.empty() ? std::string() : ": `curl -sO " + url + '`';
  switch (flaw) {
    case ListFlaw::none: break;
    case ListFlaw::not_processed:
      return (list.problem == ListProblem::delta ? "give the complete list, to which this one adds"
                                                 : "give a complete list of the CA's own, without that") +
             fetch;
    case ListFlaw::other_scope:
      return "give the list that the certificate's cRLDistributionPoints name" + fetch;
    case ListFlaw::stale: return "get the current list from the CA" + fetch;
    case ListFlaw::early: return "set the clock, or the moment that is asked about, right";
    case ListFlaw::not_signed:
      return "fetch it from the CA again: it was altered, or is another CA's of the same name" + fetch;
  }
  return {};
}

std::string_view section_of(ListFlaw flaw) {
  switch (flaw) {
    case ListFlaw::not_processed: return "RFC 5280 §5.2";
    case ListFlaw::other_scope: return "RFC 5280 §6.3.3 (b)";
    case ListFlaw::stale:
    case ListFlaw::early: return "RFC 5280 §6.3.3 (a)";
    case ListFlaw::not_signed: return "RFC 5280 §6.3.3 (f), (g)";
    case ListFlaw::none: break;
  }
  return {};
}

/// The warning about one list; nothing where it says something of a certificate of the path.
std::optional<Warning> warning_about(const ParsedRevocationList& list, const Question& question,
                                     RevocationSearch& search, Path path) {
  std::optional<Warning> out;
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    if (!names_equal(path[i]->issuer_der(), list.issuer)) continue;
    const ListFlaw flaw = search.flaw_of(list, path, i);
    if (flaw == ListFlaw::none || search.exhausted()) return {};
    if (out) continue;
    out = Warning{.what = describe_list(list) + ", is of no use",
                  .why = explain(flaw, list, question.request.now),
                  .section = section_of(flaw),
                  .remedy = remedy_for(flaw, list, *path[i])};
  }
  return out;
}

}  // namespace

std::vector<Warning> list_warnings(const Question& question, RevocationSearch& search, Path path) {
  std::vector<Warning> out;
  if (question.options.revocation == RevocationPolicy::ignore) return out;
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    const Bytes issuer = path[i]->issuer_der();
    const bool was_looked_at =
        std::any_of(path.begin(), path.begin() + static_cast<ptrdiff_t>(i),
                    [&](const CertificatePtr& below) { return names_equal(below->issuer_der(), issuer); });
    if (was_looked_at) continue;
    for (const RevocationListPtr& one : question.options.lists.of_issuer(issuer)) {
      if (out.size() >= most_told || search.exhausted()) return out;
      if (auto found = warning_about(one->parsed(), question, search, path)) out.push_back(*std::move(found));
    }
  }
  return out;
}

}  // namespace bulla::x509
