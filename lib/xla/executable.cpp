#include "lib/xla/executable.hpp"

#include <algorithm>
#include <cassert>

#include "lib/base/text.hpp"
#include "lib/xla/element_type.hpp"

namespace diffusion::xla {
using pjrt::Slot;

namespace {

std::string text_of(const Shape& shape) {
  std::string text = "tensor<";
  for (const std::int64_t extent : shape.dims) text += std::to_string(extent) + "x";
  return text + std::string(name_of(shape.type)) + ">";
}

bool donates(const Signature& signature, std::size_t parameter) {
  return std::ranges::count(signature.donated, int(parameter), &std::pair<int, int>::first) > 0;
}

/// An array that a run consumes may be given to it in one place alone.
void check_donated_once(const Signature& signature, const Arguments& arguments) {
  for (const auto& [donated, result] : signature.donated)
    if (std::ranges::count(arguments, arguments[std::size_t(donated)]) > 1)
      throw Error("argument " + std::to_string(donated) +
                  " is donated to the program and given to it twice");
}

void check_argument(const Buffer* argument, const Shape& wanted, const std::string& culprit) {
  if (!argument || !*argument) throw Error(culprit + " is empty, or was donated before");
  if (argument->shape() != wanted)
    throw Error(culprit + " is a " + text_of(argument->shape()) + ", not a " + text_of(wanted));
}

/// The plugin's executable that does not know of devices.
Handle unloaded(const Handle& loaded) {
  pjrt::ObjectOf of{.object = loaded.get()};
  loaded.plugin().call(Slot::loaded_executable, of);
  return Handle(loaded.plugin(), loaded.keep(), Slot::executable_destroy, of.got);
}

/// As C has a list of lists.
std::vector<void**> lists_of(std::vector<std::vector<void*>>& objects) {
  std::vector<void**> lists;
  for (auto& list : objects) lists.push_back(list.data());
  return lists;
}

}  // namespace

Executable::Executable(Handle handle, Signature signature, std::vector<int> devices)
    : handle_(std::move(handle)), signature_(std::move(signature)), devices_(std::move(devices)) {
  for (std::size_t i = 0; i < signature_.parameters.size(); ++i)
    if (!donates(signature_, i)) kept_.push_back(std::int64_t(i));
  check_results();
}

void Executable::check_results() const {
  const Handle executable = unloaded(handle_);
  const Plugin& plugin = handle_.plugin();
  const auto refuse = [&](const std::string& why) {
    throw Error(plugin.name() + ": the compiled program " + why);
  };
  pjrt::CountOf count{.object = executable.get()};
  plugin.call(Slot::executable_output_count, count);
  if (count.got != signature_.results.size())
    refuse("has " + count_of(count.got, "result") + ", not " +
           std::to_string(signature_.results.size()));
  if (count.got == 0) return;
  pjrt::OutputTypes types{.executable = executable.get()};
  plugin.call(Slot::executable_output_types, types);
  pjrt::OutputDims dims{.executable = executable.get()};
  plugin.call(Slot::executable_output_dims, dims);
  const std::int64_t* at = dims.dims;
  for (std::size_t i = 0; i < count.got; ++i) {
    const Shape& wanted = signature_.results[i];
    if (types.types[i] != element_type(wanted.type) || dims.ranks[i] != wanted.dims.size() ||
        !std::equal(at, at + dims.ranks[i], wanted.dims.begin()))
      refuse("has a result " + std::to_string(i) + " that is not a " + text_of(wanted));
    at += dims.ranks[i];
  }
}

void Executable::check_arguments(std::span<const Arguments> by_replica) const {
  assert(handle_);
  if (by_replica.size() != devices_.size())
    throw Error("the program runs as " + count_of(devices_.size(), "replica") +
                ", not with arguments for " + std::to_string(by_replica.size()));
  for (std::size_t r = 0; r < by_replica.size(); ++r) {
    const Arguments& arguments = by_replica[r];
    if (arguments.size() != signature_.parameters.size())
      throw Error("the program takes " + count_of(signature_.parameters.size(), "argument") +
                  ", not " + std::to_string(arguments.size()));
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const std::string culprit = "argument " + std::to_string(i) + " of the program";
      check_argument(arguments[i], signature_.parameters[i], culprit);
      if (arguments[i]->device() != devices_[r] || arguments[i]->handle().keep() != handle_.keep())
        throw Error(culprit + " is not on device " + std::to_string(devices_[r]) +
                    ", where it runs");
    }
    check_donated_once(signature_, arguments);
  }
}

std::vector<std::vector<Buffer>> Executable::run(std::span<const Arguments> by_replica) const {
  check_arguments(by_replica);
  Objects given(by_replica.size());
  for (std::size_t r = 0; r < given.size(); ++r)
    for (const Buffer* argument : by_replica[r]) given[r].push_back(argument->handle().get());
  const std::vector<Buffer> freed_at_end = take_donated(by_replica);  // run or not
  return buffers_of(execute(given));
}

std::vector<Buffer> Executable::take_donated(std::span<const Arguments> by_replica) const {
  std::vector<Buffer> taken;
  for (const Arguments& arguments : by_replica)
    for (const auto& donated : signature_.donated)
      taken.push_back(std::move(*arguments[std::size_t(donated.first)]));
  return taken;
}

Executable::Objects Executable::execute(Objects& given) const {
  Objects got(given.size(), std::vector<void*>(signature_.results.size()));
  pjrt::ExecuteOptions options{.kept = kept_.data(), .kept_count = kept_.size()};
  options.head = {sizeof options, nullptr};
  const std::vector<void**> arguments = lists_of(given), results = lists_of(got);
  pjrt::Execute execute{.executable = handle_.get(),
                        .options = &options,
                        .arguments = arguments.data(),
                        .devices = arguments.size(),
                        .argument_count = signature_.parameters.size(),
                        .results = results.data()};
  handle_.plugin().call(Slot::loaded_execute, execute);
  return got;
}

std::vector<std::vector<Buffer>> Executable::buffers_of(const Objects& got) const {
  std::vector<std::vector<Buffer>> buffers;
  for (std::size_t r = 0; r < got.size(); ++r) {
    buffers.emplace_back();
    for (std::size_t i = 0; i < got[r].size(); ++i)
      buffers[r].emplace_back(
          Handle(handle_.plugin(), handle_.keep(), Slot::buffer_destroy, got[r][i]),
          signature_.results[i], devices_[r]);
  }
  return buffers;
}

std::vector<Buffer> Executable::run(const Arguments& arguments) const {
  return std::move(run(std::span(&arguments, 1)).front());
}

std::string Executable::serialize() const {
  const Handle executable = unloaded(handle_);
  pjrt::Serialize serialized{.executable = executable.get()};
  handle_.plugin().call(Slot::executable_serialize, serialized);
  std::string bytes(serialized.bytes, serialized.size);
  if (serialized.delete_holder) serialized.delete_holder(serialized.holder);
  return bytes;
}

}  // namespace diffusion::xla
