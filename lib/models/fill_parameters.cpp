#include "lib/models/fill_parameters.hpp"

#include <cassert>
#include <map>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

std::string as_it_is(std::string_view name) { return std::string(name); }

/// The array of each weight, in their order.
std::vector<const WeightTensor*> arrays_of(const PublishedWeights& from,
                                           const nn::Parameters& names) {
  const auto current = from.current_name ? from.current_name : as_it_is;
  std::map<std::string, const WeightTensor*> by_name;
  for (const WeightTensor& tensor : from.tensors)
    by_name[current(std::string_view(tensor.name).substr(from.prefix.size()))] = &tensor;
  std::vector<const WeightTensor*> arrays;
  for (const nn::Param& param : names.all()) {
    const auto found = by_name.extract(param.name);
    if (found.empty())
      throw Error(from.culprit + ": has no array '" + from.prefix + param.name + "'");
    arrays.push_back(found.mapped());
    if (arrays.back()->shape != param.shape)
      throw Error(from.culprit + ": the array '" + arrays.back()->name + "' has the shape " +
                  shape_text(arrays.back()->shape) + " where the network needs " +
                  shape_text(param.shape));
  }
  if (!by_name.empty())
    throw Error(from.culprit + ": the array '" + printable(by_name.begin()->second->name) +
                "' is not a part of its network");
  return arrays;
}

}  // namespace

void check_parameters(const PublishedWeights& from, const nn::Parameters& names) {
  arrays_of(from, names);
}

void fill_parameters(const PublishedWeights& from, const nn::Parameters& names,
                     std::span<float> out) {
  assert(out.size() == names.size());
  const auto arrays = arrays_of(from, names);
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    const nn::Param& param = names.all()[i];
    arrays[i]->read(out.subspan(param.offset, param.size));
  }
}

}  // namespace diffusion
