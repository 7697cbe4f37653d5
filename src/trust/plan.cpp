// What would be done, and doing it.
#include "os/system_error.h"
#include "pki/signed_by.h"
#include "trust/record.h"
#include "trust/stores.h"

#include <bulla/pki.h>

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace bulla::trust {
namespace {

using Steps = std::vector<Step> (*)(const Task&);
struct KindOfStore {
  StoreKind kind;
  Steps steps;
};
constexpr KindOfStore kinds_of_stores[] = {{StoreKind::system, system_steps},
                                           {StoreKind::nss, nss_steps},
                                           {StoreKind::java, java_steps},
                                           {StoreKind::node, node_steps}};

/// How much of what a program says is told.
constexpr size_t told = 300;

std::vector<Step> steps_for(Goal goal, const Machine& machine, const Root& root,
                            std::span<const StoreKind> kinds) {
  const Task task = {.machine = machine,
                     .root = root,
                     .goal = goal,
                     .kinds = kinds,
                     .name = entry_name(*root.certificate),
                     .pem = pki::to_pem(std::span(&root.certificate, 1))};
  std::vector<Step> out;
  for (const KindOfStore& one : kinds_of_stores) {
    if (!task.includes(one.kind)) continue;
    std::vector<Step> steps = one.steps(task);
    if (steps.empty()) steps.push_back({.store = {.kind = one.kind, .standing = Standing::no_store}});
    std::move(steps.begin(), steps.end(), std::back_inserter(out));
  }
  return out;
}

Result<void> check(Change change, const Certificate& root) {
  if (!root.is_ca() || !pki::is_signed_by(root, root, default_provider()))
    return Error{ErrorCode::bad_argument,
                 root.subject() + " is no root: a CA's certificate, signed by itself"};
  if (change == Change::uninstall) return {};
  const Time today = now();
  if (today > root.not_after())
    return Error{ErrorCode::certificate_expired, root.subject() + ' ' + pki::describe_validity(root, today)};
  if (today < root.not_before())
    return Error{ErrorCode::certificate_not_yet_valid,
                 root.subject() + ' ' + pki::describe_validity(root, today)};
  return {};
}

Result<void> run(const Machine& machine, const Command& command) {
  BULLA_TRY(const CommandResult said, machine.run(command));
  if (said.status == 0) return {};
  std::string words = said.errors + said.output;
  while (words.ends_with('\n')) words.pop_back();
  return Error{ErrorCode::trust_store_failed, printable(command.program) + " ended with status " +
                                                  std::to_string(said.status) + ": " +
                                                  printable(words.substr(0, told))};
}

Result<void> act(const Machine& machine, const Action& action) {
  switch (action.kind) {
    case Action::Kind::write_file: return write_file(action.path, as_bytes(action.content));
    case Action::Kind::make_folder: return make_folders(action.path, Privacy::owner_only);
    case Action::Kind::run: return run(machine, action.command);
    case Action::Kind::remove_file: break;
  }
  if (::unlink(action.path.c_str()) != 0 && errno != ENOENT)
    return os::system_error(ErrorCode::file_not_writable, printable(action.path), errno);
  return {};
}

void work_on(const Machine& machine, Step& step) {
  if (step.obstacle) return;
  for (const Action& action : step.actions) {
    auto done = act(machine, action);
    if (done || action.failure == Action::Failure::is_looked_at) continue;
    step.obstacle = std::move(done).error();
    return;
  }
}

bool is_as_wanted(Change change, const Store& store) {
  if (store.standing == Standing::no_store || store.kind == StoreKind::node) return true;
  if (store.standing == Standing::unknown) return false;
  return (store.standing == Standing::trusted) == (change == Change::install);
}

/// What the store says now; whatever it was told, this is what counts.
void look_again(Change change, std::span<const Step> seen, Step& step) {
  for (const Step& one : seen)
    if (one.store.kind == step.store.kind && one.store.path == step.store.path) step.store = one.store;
  if (step.obstacle || is_as_wanted(change, step.store)) return;
  if (step.store.error) {
    step.obstacle = step.store.error;
    return;
  }
  step.obstacle =
      Error{ErrorCode::trust_store_failed,
            printable(step.store.path) +
                (change == Change::install ? " still does not trust the root" : " still trusts the root")};
  // A keystore that the distribution makes: nothing could be done to it itself.
  if (step.actions.empty() && !step.store.note.empty()) {
    step.obstacle->detail += ": " + step.store.note;
    step.obstacle->remedy = "put the system store right, which it follows";
  }
}

bool is_gone(std::span<const Step> steps) {
  return std::all_of(steps.begin(), steps.end(), [](const Step& step) {
    return !step.obstacle && is_as_wanted(Change::uninstall, step.store);
  });
}

}  // namespace

std::vector<Store> survey(const Machine& machine, const Root& root, std::span<const StoreKind> kinds) {
  std::vector<Store> out;
  for (Step& step : steps_for(Goal::look, machine, root, kinds)) out.push_back(std::move(step.store));
  return out;
}

Result<std::vector<Step>> plan(Change change, const Machine& machine, const Root& root,
                               std::span<const StoreKind> kinds) {
  BULLA_TRY(check(change, *root.certificate));
  return steps_for(change == Change::install ? Goal::install : Goal::uninstall, machine, root, kinds);
}

std::vector<Step> apply(Change change, const Machine& machine, const Root& root, std::vector<Step> steps) {
  for (Step& step : steps) {
    if (change != Change::install || step.obstacle || step.actions.empty()) continue;
    const std::string& place = record_folder_for(machine, step.store.kind);
    if (auto written = write_record(place, machine, root); !written)
      step.obstacle = std::move(written).error();
  }
  for (Step& step : steps) work_on(machine, step);

  std::vector<StoreKind> kinds;
  for (const Step& step : steps)
    if (kinds.empty() || kinds.back() != step.store.kind) kinds.push_back(step.store.kind);
  const std::vector<Step> seen = steps_for(Goal::look, machine, root, kinds);
  for (Step& step : steps) look_again(change, seen, step);
  if (change == Change::uninstall && kinds.size() == all_store_kinds().size() && is_gone(steps))
    remove_record(machine, root);
  return steps;
}

}  // namespace bulla::trust
