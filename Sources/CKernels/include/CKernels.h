/// The few hot loops that need per-function CPU targets.
#pragma once
