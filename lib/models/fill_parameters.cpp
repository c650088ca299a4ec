#include "lib/models/fill_parameters.hpp"

#include <cassert>
#include <map>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/models/unet.hpp"

namespace diffusion {

void fill_parameters(std::span<const WeightTensor> tensors, const std::string& prefix,
                     const nn::Parameters& names, std::span<float> out,
                     const std::string& culprit) {
  assert(out.size() == names.size());
  std::map<std::string, const WeightTensor*> by_name;
  for (const WeightTensor& tensor : tensors)
    by_name[current_weight_name(std::string_view(tensor.name).substr(prefix.size()))] = &tensor;
  for (const nn::Param& param : names.all()) {
    const auto found = by_name.extract(param.name);
    if (found.empty()) throw Error(culprit + ": has no array '" + prefix + param.name + "'");
    const WeightTensor& tensor = *found.mapped();
    if (tensor.shape != param.shape)
      throw Error(culprit + ": the array '" + tensor.name + "' has the shape " +
                  shape_text(tensor.shape) + " where the network needs " + shape_text(param.shape));
    tensor.read(out.subspan(param.offset, param.size));
  }
  if (!by_name.empty())
    throw Error(culprit + ": the array '" + printable(by_name.begin()->second->name) +
                "' is no part of its network");
}

}  // namespace diffusion
