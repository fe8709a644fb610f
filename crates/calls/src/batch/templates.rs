//! Routes as logs name them → codes. Templates are few, so what each becomes is worked out once.

use super::dictionary::Dictionary;
use super::request::write_template;
use super::{Dimension, FEWER};

/// Templates seen so far and the codes of their routes.
#[derive(Debug)]
pub(super) struct Templates {
    seen: Dictionary,
    codes: Vec<u32>,
    route: Vec<u8>,
}

impl Default for Templates {
    fn default() -> Self {
        Self { seen: Dictionary::new(FEWER), codes: Vec::new(), route: Vec::new() }
    }
}

impl Templates {
    /// The code of the route of the template that is the first `length` bytes of `text`; 0 where it is none.
    #[inline]
    pub fn code(&mut self, text: &[u8], length: usize, routes: &mut Dimension) -> u32 {
        let known = self.seen.code_of_beginning(text, length) as usize;
        match self.codes.get(known) {
            Some(code) if *code != 0 => *code,
            _ => self.learn(known, &text[..length], routes),
        }
    }

    #[cold]
    fn learn(&mut self, known: usize, template: &[u8], routes: &mut Dimension) -> u32 {
        self.route.clear();
        write_template(template, &mut self.route);
        let code = routes.values.code(&self.route);
        // Codes of values that were left out may change, code 1 of the templates stands for many, and only the beginning of
        // a long one is known.
        if known > 1 && code > 1 && template.len() <= super::dictionary::LONGEST {
            if self.codes.len() <= known {
                self.codes.resize(known + 1, 0);
            }
            self.codes[known] = code;
        }
        code
    }
}
