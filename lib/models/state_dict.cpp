#include "lib/models/state_dict.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

/// What checkpoints call the network that is trained, and its average.
constexpr std::array<std::string_view, 4> raw_parts = {"model.", "state_dict.", "model_state_dict.",
                                                       "net."};
constexpr std::array<std::string_view, 3> average_parts = {"ema.", "model_ema.", "ema_model."};
/// What wrappers of PyTorch put before names.
constexpr std::array<std::string_view, 2> wrappers = {"module.", "_orig_mod."};

using Tensors = std::vector<WeightTensor>;

bool any_under(const Tensors& tensors, std::string_view part) {
  return std::ranges::any_of(tensors,
                             [&](const auto& each) { return each.name.starts_with(part); });
}

void keep_under(Tensors& tensors, std::string_view part) {
  std::erase_if(tensors, [&](const auto& each) { return !each.name.starts_with(part); });
  for (WeightTensor& each : tensors) each.name.erase(0, part.size());
}

template <std::size_t n>
bool keep_first(Tensors& tensors, const std::array<std::string_view, n>& parts) {
  const auto part =
      std::ranges::find_if(parts, [&](std::string_view each) { return any_under(tensors, each); });
  if (part == parts.end()) return false;
  keep_under(tensors, *part);
  return true;
}

void unwrap(Tensors& tensors) {
  for (const std::string_view wrapper : wrappers)
    if (!tensors.empty() && std::ranges::all_of(tensors, [&](const WeightTensor& each) {
          return each.name.starts_with(wrapper);
        }))
      keep_under(tensors, wrapper);
}

}  // namespace

StateDict::StateDict(const std::string& path, const std::string& choice) : path_(path) {
  Tensors tensors = open_weights(path);
  const bool found = choice == "raw" ? false : keep_first(tensors, average_parts);
  if (!found && choice == "ema")
    refuse("has no average of the weights; `weights` raw takes what was trained");
  if (!found) keep_first(tensors, raw_parts);
  unwrap(tensors);
  for (WeightTensor& each : tensors) {
    const std::string name = each.name;
    if (!tensors_.emplace(name, std::move(each)).second)
      refuse("has two arrays '" + printable(name) + "'");
  }
}

void StateDict::refuse(const std::string& why) const { throw Error(path_ + ": " + why); }

const WeightTensor& StateDict::at(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) refuse("has no array '" + name + "'");
  return found->second;
}

const std::vector<std::size_t>& StateDict::shape(const std::string& name, std::size_t axes) const {
  const std::vector<std::size_t>& shape = at(name).shape;
  if (shape.size() != axes || std::ranges::find(shape, 0u) != shape.end())
    refuse("the array '" + name + "' has the shape " + shape_text(shape) + ", not " +
           std::to_string(axes) + " axes of 1 or more");
  return shape;
}

std::size_t StateDict::count(const std::string& prefix) const {
  for (std::size_t n = 0;; ++n) {
    const std::string start = prefix + std::to_string(n) + ".";
    const auto next = tensors_.lower_bound(start);
    if (next == tensors_.end() || !next->first.starts_with(start)) return n;
  }
}

WeightTensor StateDict::take(const std::string& name) {
  at(name);
  return std::move(tensors_.extract(name).mapped());
}

std::vector<WeightTensor> StateDict::rest() && {
  std::vector<WeightTensor> all;
  for (auto& [name, tensor] : tensors_) all.push_back(std::move(tensor));
  return all;
}

}  // namespace diffusion
