#include "lib/models/fill_parameters.hpp"

#include <cassert>
#include <map>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

std::string as_it_is(std::string_view name) { return std::string(name); }

}  // namespace

void fill_parameters(const PublishedWeights& from, const nn::Parameters& names,
                     std::span<float> out) {
  assert(out.size() == names.size());
  const auto current = from.current_name ? from.current_name : as_it_is;
  std::map<std::string, const WeightTensor*> by_name;
  for (const WeightTensor& tensor : from.tensors)
    by_name[current(std::string_view(tensor.name).substr(from.prefix.size()))] = &tensor;
  for (const nn::Param& param : names.all()) {
    const auto found = by_name.extract(param.name);
    if (found.empty())
      throw Error(from.culprit + ": has no array '" + from.prefix + param.name + "'");
    const WeightTensor& tensor = *found.mapped();
    if (tensor.shape != param.shape)
      throw Error(from.culprit + ": the array '" + tensor.name + "' has the shape " +
                  shape_text(tensor.shape) + " where the network needs " + shape_text(param.shape));
    tensor.read(out.subspan(param.offset, param.size));
  }
  if (!by_name.empty())
    throw Error(from.culprit + ": the array '" + printable(by_name.begin()->second->name) +
                "' is not a part of its network");
}

}  // namespace diffusion
