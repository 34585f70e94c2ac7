// What has to be forgotten when another invocation begins on an instance: modules add their functions.
'use strict';

exports.resets = [];
