#ifndef GONOGO_CMARKDOWN_SHIM_H
#define GONOGO_CMARKDOWN_SHIM_H

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>

#endif
