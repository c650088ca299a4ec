// The classes that a network was trained on, and denoisers that are told them.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lib/base/json_at.hpp"
#include "lib/models/network.hpp"
#include "lib/noise/denoiser.hpp"
#include "lib/noise/precondition.hpp"

namespace diffusion {

struct TrainedClasses {
  int count = 0;  // 0: none
  std::vector<std::string> names = {};
  /// The label of an image without a class, where the network knows one.
  std::optional<int> none = {};
  bool unconditional = true;  // whether it was trained to answer without a class
};

/// What a training notes of them: `data` has the keys classes and label_names, `objective`
/// label_dropout; notes from before there were classes have none of these. The network has
/// `labels`, one of which may stand for no class. Throws Error where that contradicts.
TrainedClasses trained_classes(const JsonAt& data, const JsonAt& objective, std::size_t labels);

/// The key of a configuration in a folder of diffusers that has these notes, all in one object.
inline constexpr const char* classes_note = "_trained_on";

/// Of a network whose training is not known: each label is a class, but for one that is "no label".
TrainedClasses classes_of_network(const NetworkImages& images);

/// A denoiser for a batch whose images have these classes, as Model::denoiser.
std::function<Denoiser(std::span<const int>)> denoisers_of(std::shared_ptr<const Network> network,
                                                           const NetworkFace& face,
                                                           std::optional<int> none);

}  // namespace diffusion
