// Node.js has no store: it reads the file that an environment variable names, when it starts.
#include "os/roots.h"
#include "os/shell_word.h"
#include "trust/stores.h"

#include <filesystem>

namespace bulla::trust {

std::vector<Step> node_steps(const Task& task) {
  const std::string& extra = task.machine.node_extra_ca_certs;
  if (extra.empty() && find_program(task.machine, "node").empty()) return {};
  Step step;
  RootStore read;
  if (!extra.empty()) os::add_file(read, extra);
  step.store = {.kind = StoreKind::node,
                .path = extra,
                .used_by = "Node.js",
                .standing = standing_among(read.all(), task.certificate()),
                .note =
                    "it reads this variable when it starts, and no store; Node 22.15, 23.9 and newer read "
                    "the system's with --use-system-ca"};
  if (is_settled(task, step)) return {std::move(step)};
  std::error_code ignored;
  if (!extra.empty() && std::filesystem::equivalent(extra, system_bundle(task.machine), ignored)) {
    step.store.note = "NODE_EXTRA_CA_CERTS names the bundle that is made of the system store";
    return {std::move(step)};
  }
  const std::string& file = task.root.file;
  if (task.goal == Goal::uninstall)
    step.by_hand = "unset NODE_EXTRA_CA_CERTS, or take the certificate out of " + printable(extra);
  else if (extra.empty())
    step.by_hand = "export NODE_EXTRA_CA_CERTS=" + shell_word(file);
  else
    step.by_hand = "add " + printable(file) + " to " + printable(extra) +
                   ", which NODE_EXTRA_CA_CERTS names: it takes one file";
  return {std::move(step)};
}

}  // namespace bulla::trust
