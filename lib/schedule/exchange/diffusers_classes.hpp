// What is known of the scheduler classes of diffusers: their defaults, their settings
// and their formulas of betas.
#pragma once
#include <span>
#include <string_view>

namespace diffusion::diffusers {

enum class Kind { betas, edm, flow };

/// The defaults of a class's beta schedule.
struct BetaDefaults {
  double start, end;
  std::string_view schedule;
};

inline constexpr BetaDefaults ddpm{1e-4, 0.02, "linear"};
inline constexpr BetaDefaults stable{0.00085, 0.012, "linear"};
inline constexpr BetaDefaults latent{0.00085, 0.012, "scaled_linear"};

struct Class {
  std::string_view name;
  Kind kind;
  BetaDefaults betas = ddpm;
  std::string_view settings = "";  // those it has that not all have
};

inline std::span<const Class> classes() {
  static constexpr Class rows[] = {
      {"DDPMScheduler", Kind::betas, ddpm, "rescale_betas_zero_snr sigmoid laplace"},
      {"DDPMParallelScheduler", Kind::betas, ddpm, "rescale_betas_zero_snr sigmoid laplace"},
      {"DDIMScheduler", Kind::betas, ddpm, "rescale_betas_zero_snr"},
      {"DDIMParallelScheduler", Kind::betas, ddpm, "rescale_betas_zero_snr"},
      {"DDIMInverseScheduler", Kind::betas, ddpm, "rescale_betas_zero_snr"},
      {"PNDMScheduler", Kind::betas},
      {"DPMSolverMultistepScheduler", Kind::betas, ddpm, "rescale_betas_zero_snr use_flow_sigmas"},
      {"DPMSolverMultistepInverseScheduler", Kind::betas, ddpm, "use_flow_sigmas"},
      {"DPMSolverSinglestepScheduler", Kind::betas, ddpm, "use_flow_sigmas"},
      {"DPMSolverSDEScheduler", Kind::betas, stable},
      {"UniPCMultistepScheduler", Kind::betas, ddpm, "rescale_betas_zero_snr use_flow_sigmas"},
      {"DEISMultistepScheduler", Kind::betas, ddpm, "use_flow_sigmas"},
      {"SASolverScheduler", Kind::betas, ddpm, "use_flow_sigmas"},
      {"EulerDiscreteScheduler", Kind::betas, ddpm, "rescale_betas_zero_snr"},
      {"EulerAncestralDiscreteScheduler", Kind::betas, ddpm, "rescale_betas_zero_snr"},
      {"HeunDiscreteScheduler", Kind::betas, stable, "exp"},
      {"LMSDiscreteScheduler", Kind::betas},
      {"KDPM2DiscreteScheduler", Kind::betas, stable},
      {"KDPM2AncestralDiscreteScheduler", Kind::betas, stable},
      {"LCMScheduler", Kind::betas, latent, "rescale_betas_zero_snr"},
      {"TCDScheduler", Kind::betas, latent, "rescale_betas_zero_snr"},
      {"EDMEulerScheduler", Kind::edm},
      {"EDMDPMSolverMultistepScheduler", Kind::edm},
      {"FlowMatchEulerDiscreteScheduler", Kind::flow},
      {"FlowMatchHeunDiscreteScheduler", Kind::flow},
      {"FlowMatchLCMScheduler", Kind::flow},
  };
  return rows;
}

inline bool has_setting(const Class& row, std::string_view setting) {
  return row.settings.find(setting) != row.settings.npos;
}

/// A formula of diffusers and the family that it is here.
struct Formula {
  std::string_view theirs, ours;
  bool has_ends;  // beta_start and beta_end
  bool common;    // else only classes that say so have it
};

inline constexpr Formula formulas[] = {
    {"linear", "linear", true, true},     {"scaled_linear", "scaled-linear", true, true},
    {"sigmoid", "sigmoid", true, false},  {"squaredcos_cap_v2", "cosine", false, true},
    {"laplace", "laplace", false, false}, {"exp", "exponential", false, false},
};

}  // namespace diffusion::diffusers
